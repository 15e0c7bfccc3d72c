use std::convert::Infallible;

use ciborium_io::Write;
use ciborium_ll::{Encoder, Header, simple};
use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

use super::Malformed;

/// Memory, which takes whatever is written.
struct Sink<'a>(&'a mut Vec<u8>);

impl Write for Sink<'_> {
    type Error = Infallible;

    fn write_all(&mut self, data: &[u8]) -> Result<(), Infallible> {
        self.0.extend_from_slice(data);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// With `READABLE`, types are told to write what people read.
pub(super) struct Writer<'a, const READABLE: bool>(pub(super) &'a mut Vec<u8>);

impl<const READABLE: bool> Writer<'_, READABLE> {
    #[inline(never)]
    fn header(&mut self, header: Header) {
        let Ok(()) = Encoder::from(Sink(self.0)).push(header);
    }

    #[inline(never)]
    fn text(&mut self, text: &str) {
        self.header(Header::Text(Some(text.len())));
        self.0.extend_from_slice(text.as_bytes());
    }

    /// A variant with something in it is a map of one.
    fn variant(&mut self, name: &str) {
        self.header(Header::Map(Some(1)));
        self.text(name);
    }
}

/// An array or a map under way, and whether its end has to be written.
pub(super) struct Items<'a, 'b, const READABLE: bool> {
    writer: &'a mut Writer<'b, READABLE>,
    ends: bool,
}

impl<const READABLE: bool> Items<'_, '_, READABLE> {
    fn close(self) {
        if self.ends {
            self.writer.header(Header::Break);
        }
    }
}

impl<'a, 'b, const READABLE: bool> Serializer for &'a mut Writer<'b, READABLE> {
    type Ok = ();
    type Error = Malformed;
    type SerializeSeq = Items<'a, 'b, READABLE>;
    type SerializeTuple = Items<'a, 'b, READABLE>;
    type SerializeTupleStruct = Items<'a, 'b, READABLE>;
    type SerializeTupleVariant = Items<'a, 'b, READABLE>;
    type SerializeMap = Items<'a, 'b, READABLE>;
    type SerializeStruct = Items<'a, 'b, READABLE>;
    type SerializeStructVariant = Items<'a, 'b, READABLE>;

    fn serialize_bool(self, value: bool) -> Result<(), Malformed> {
        self.header(Header::Simple(if value { simple::TRUE } else { simple::FALSE }));
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Malformed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Malformed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Malformed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Malformed> {
        self.header(match u64::try_from(value) {
            Ok(value) => Header::Positive(value),
            // All bits are the other way round (RFC 8949 §3.1).
            Err(_) => Header::Negative(!value as u64),
        });
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Malformed> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Malformed> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Malformed> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Malformed> {
        self.header(Header::Positive(value));
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Malformed> {
        Err(Malformed)
    }

    fn serialize_f64(self, _: f64) -> Result<(), Malformed> {
        Err(Malformed)
    }

    fn serialize_char(self, value: char) -> Result<(), Malformed> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Malformed> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Malformed> {
        self.header(Header::Bytes(Some(value.len())));
        self.0.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Malformed> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Malformed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Malformed> {
        self.header(Header::Simple(simple::NULL));
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Malformed> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Malformed> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Malformed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Malformed> {
        self.variant(variant);
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'a, 'b, READABLE>, Malformed> {
        self.header(Header::Array(length));
        Ok(Items { writer: self, ends: length.is_none() })
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'a, 'b, READABLE>, Malformed> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items<'a, 'b, READABLE>, Malformed> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'a, 'b, READABLE>, Malformed> {
        self.variant(variant);
        self.serialize_seq(Some(length))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Items<'a, 'b, READABLE>, Malformed> {
        self.header(Header::Map(length));
        Ok(Items { writer: self, ends: length.is_none() })
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Items<'a, 'b, READABLE>, Malformed> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'a, 'b, READABLE>, Malformed> {
        self.variant(variant);
        self.serialize_map(Some(length))
    }

    fn is_human_readable(&self) -> bool {
        READABLE
    }
}

macro_rules! items {
    ($($kind:ident :: $add:ident ( $($key:ident)? )),+) => {
        $(impl<const READABLE: bool> $kind for Items<'_, '_, READABLE> {
            type Ok = ();
            type Error = Malformed;

            fn $add<T: Serialize + ?Sized>(&mut self, $($key: &'static str,)? value: &T) -> Result<(), Malformed> {
                $(self.writer.text($key);)?
                value.serialize(&mut *self.writer)
            }

            fn end(self) -> Result<(), Malformed> {
                self.close();
                Ok(())
            }
        })+
    };
}

items! {
    SerializeSeq::serialize_element(),
    SerializeTuple::serialize_element(),
    SerializeTupleStruct::serialize_field(),
    SerializeTupleVariant::serialize_field(),
    SerializeStruct::serialize_field(key),
    SerializeStructVariant::serialize_field(key)
}

impl<const READABLE: bool> SerializeMap for Items<'_, '_, READABLE> {
    type Ok = ();
    type Error = Malformed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Malformed> {
        key.serialize(&mut *self.writer)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Malformed> {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Malformed> {
        self.close();
        Ok(())
    }
}
