use std::borrow::Cow;

use ciborium_io::Read;
use ciborium_ll::{Decoder, Header, simple};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::Malformed;

/// How deep values may stand in each other: nothing here has a tenth of it, and it is far from the end of a stack.
const DEPTH_MAX: u8 = 128;

/// What is left to be read, for `ciborium`: no text is made of what is wrong.
struct Source<'r, 'a>(&'r mut &'a [u8]);

impl Read for Source<'_, '_> {
    type Error = Malformed;

    fn read_exact(&mut self, data: &mut [u8]) -> Result<(), Malformed> {
        let (taken, rest) = self.0.split_at_checked(data.len()).ok_or(Malformed)?;
        data.copy_from_slice(taken);
        *self.0 = rest;
        Ok(())
    }
}

/// With `READABLE`, types are told to read what people write.
pub(super) struct Reader<'a, const READABLE: bool> {
    rest: &'a [u8],
    depth: u8,
}

impl<'a, const READABLE: bool> Reader<'a, READABLE> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest, depth: DEPTH_MAX }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline(never)]
    fn pull(&mut self) -> Result<Header, Malformed> {
        Decoder::from(Source(&mut self.rest)).pull().map_err(|_| Malformed)
    }

    /// The header of the next item that is no tag.
    #[inline(never)]
    fn header(&mut self) -> Result<Header, Malformed> {
        loop {
            match self.pull()? {
                Header::Tag(_) => {}
                header => return Ok(header),
            }
        }
    }

    /// The next item's header, which stays.
    #[inline(never)]
    fn peek(&mut self) -> Result<Header, Malformed> {
        let before = self.rest;
        let header = self.header();
        self.rest = before;
        header
    }

    #[inline(never)]
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    /// What is in a string of this length; without one, in its pieces up to the end.
    #[inline(never)]
    fn string(
        &mut self,
        length: Option<usize>,
        piece: fn(Header) -> Option<Option<usize>>,
    ) -> Result<Cow<'a, [u8]>, Malformed> {
        if let Some(length) = length {
            return self.take(length).map(Cow::Borrowed);
        }
        let mut whole = Vec::new();
        while !self.ends() {
            let length = piece(self.header()?).flatten().ok_or(Malformed)?;
            whole.extend_from_slice(self.take(length)?);
        }
        Ok(Cow::Owned(whole))
    }

    #[inline(never)]
    fn bytes(&mut self) -> Result<Cow<'a, [u8]>, Malformed> {
        let length = bytes(self.header()?).ok_or(Malformed)?;
        self.string(length, bytes)
    }

    #[inline(never)]
    fn text(&mut self) -> Result<Cow<'a, str>, Malformed> {
        let length = text(self.header()?).ok_or(Malformed)?;
        match self.string(length, text)? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Malformed),
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| Malformed),
        }
    }

    #[inline(never)]
    fn unsigned(&mut self) -> Result<u64, Malformed> {
        match self.header()? {
            Header::Positive(value) => Ok(value),
            _ => Err(Malformed),
        }
    }

    #[inline(never)]
    fn signed(&mut self) -> Result<i64, Malformed> {
        let (value, is_negative) = match self.header()? {
            Header::Positive(value) => (value, false),
            // All bits are the other way round (RFC 8949 §3.1).
            Header::Negative(value) => (value, true),
            _ => return Err(Malformed),
        };
        let value = i64::try_from(value).map_err(|_| Malformed)?;
        Ok(if is_negative { !value } else { value })
    }

    /// What is simple: false, true, nothing.
    #[inline(never)]
    fn simple(&mut self) -> Result<u8, Malformed> {
        match self.header()? {
            Header::Simple(value) => Ok(value),
            _ => Err(Malformed),
        }
    }

    /// Passes over the next header if this is true of it.
    #[inline(never)]
    fn passes(&mut self, is: fn(Header) -> bool) -> bool {
        let before = self.rest;
        let passes = self.pull().is_ok_and(is);
        if !passes {
            self.rest = before;
        }
        passes
    }

    /// Passes over nothing, if it is here.
    fn nothing(&mut self) -> bool {
        self.passes(|header| matches!(header, Header::Simple(simple::NULL | simple::UNDEFINED)))
    }

    /// Passes over an end, if one is here.
    fn ends(&mut self) -> bool {
        self.passes(|header| header == Header::Break)
    }

    fn deeper(&mut self) -> Result<(), Malformed> {
        self.depth = self.depth.checked_sub(1).ok_or(Malformed)?;
        Ok(())
    }

    /// Begins an array: how many items it has.
    #[inline(never)]
    fn array(&mut self) -> Result<Option<usize>, Malformed> {
        let Header::Array(length) = self.header()? else { return Err(Malformed) };
        self.deeper()?;
        Ok(length)
    }

    /// Begins a map: how many pairs it has.
    #[inline(never)]
    fn map(&mut self) -> Result<Option<usize>, Malformed> {
        let Header::Map(length) = self.header()? else { return Err(Malformed) };
        self.deeper()?;
        Ok(length)
    }

    /// Begins an enum, the name of a variant or a map of that and what is in it: how many values follow the name.
    #[inline(never)]
    fn variant(&mut self) -> Result<usize, Malformed> {
        if matches!(self.peek()?, Header::Text(_)) {
            self.deeper()?;
            return Ok(0);
        }
        if self.map()? == Some(1) { Ok(1) } else { Err(Malformed) }
    }

    /// Lets something be made of what stands one deeper.
    fn within<T>(
        &mut self,
        left: Option<usize>,
        make: impl FnOnce(Items<'_, 'a, READABLE>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let made = make(Items { reader: self, left });
        self.depth += 1;
        made
    }
}

/// What is left of an array or a map.
struct Items<'r, 'a, const READABLE: bool> {
    reader: &'r mut Reader<'a, READABLE>,
    left: Option<usize>,
}

impl<const READABLE: bool> Items<'_, '_, READABLE> {
    /// Whether there is another.
    #[inline(never)]
    fn next(&mut self) -> bool {
        match &mut self.left {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => {
                let more = !self.reader.ends();
                if !more {
                    self.left = Some(0);
                }
                more
            }
        }
    }

    /// Each item takes a byte at least.
    fn at_most(&self) -> Option<usize> {
        Some(self.left?.min(self.reader.rest.len()))
    }
}

fn bytes(header: Header) -> Option<Option<usize>> {
    if let Header::Bytes(length) = header { Some(length) } else { None }
}

fn text(header: Header) -> Option<Option<usize>> {
    if let Header::Text(length) = header { Some(length) } else { None }
}

macro_rules! numbers {
    ($visit:ident, $read:ident: $($deserialize:ident)+) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
            visitor.$visit(self.$read()?)
        })+
    };
}

impl<'de, const READABLE: bool> Deserializer<'de> for &mut Reader<'_, READABLE> {
    type Error = Malformed;

    numbers!(visit_u64, unsigned: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);
    numbers!(visit_i64, signed: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.peek()? {
            Header::Positive(_) => self.deserialize_u64(visitor),
            Header::Negative(_) => self.deserialize_i64(visitor),
            Header::Bytes(_) => visitor.visit_bytes(&self.bytes()?),
            Header::Text(_) => self.deserialize_str(visitor),
            Header::Array(_) => self.deserialize_seq(visitor),
            Header::Map(_) => self.deserialize_map(visitor),
            _ => match self.simple()? {
                simple::FALSE => visitor.visit_bool(false),
                simple::TRUE => visitor.visit_bool(true),
                simple::NULL | simple::UNDEFINED => visitor.visit_none(),
                _ => Err(Malformed),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.simple()? {
            value @ (simple::FALSE | simple::TRUE) => visitor.visit_bool(value == simple::TRUE),
            _ => Err(Malformed),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.peek()? {
            Header::Array(_) => self.deserialize_seq(visitor),
            _ => visitor.visit_bytes(&self.bytes()?),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        if self.nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        if self.nothing() { visitor.visit_unit() } else { Err(Malformed) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        let left = self.array()?;
        self.within(left, |items| visitor.visit_seq(items))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        let left = self.map()?;
        self.within(left, |items| visitor.visit_map(items))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        let left = self.variant()?;
        self.within(Some(left), |items| visitor.visit_enum(items))
    }

    forward_to_deserialize_any! { f32 f64 ignored_any }

    fn is_human_readable(&self) -> bool {
        READABLE
    }
}

impl<'de, const READABLE: bool> SeqAccess<'de> for Items<'_, '_, READABLE> {
    type Error = Malformed;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Malformed> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn size_hint(&self) -> Option<usize> {
        self.at_most()
    }
}

impl<'de, const READABLE: bool> MapAccess<'de> for Items<'_, '_, READABLE> {
    type Error = Malformed;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Malformed> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Malformed> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        self.at_most()
    }
}

impl<'de, const READABLE: bool> EnumAccess<'de> for Items<'_, '_, READABLE> {
    type Error = Malformed;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Malformed> {
        Ok((seed.deserialize(&mut *self.reader)?, self))
    }
}

impl<'de, const READABLE: bool> VariantAccess<'de> for Items<'_, '_, READABLE> {
    type Error = Malformed;

    fn unit_variant(mut self) -> Result<(), Malformed> {
        if self.next() { Err(Malformed) } else { Ok(()) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<S::Value, Malformed> {
        if self.next() { seed.deserialize(&mut *self.reader) } else { Err(Malformed) }
    }

    fn tuple_variant<V: Visitor<'de>>(mut self, _: usize, visitor: V) -> Result<V::Value, Malformed> {
        if self.next() { self.reader.deserialize_seq(visitor) } else { Err(Malformed) }
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        if self.next() { self.reader.deserialize_map(visitor) } else { Err(Malformed) }
    }
}
