//! Deterministic CBOR (RFC 8949 §4.2): one value, one encoding.
//!
//! Values are arrays (tuples and tuple structs), byte strings, text and integers. Decoding accepts a value only in the form
//! that encoding would give it, which is checked by encoding it again: so two different byte strings never mean the same.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cbor;

/// Why bytes are not a value of the type asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// More bytes than allowed; nothing was decoded.
    #[error("{length} bytes, the limit is {limit}")]
    TooLong {
        /// How many there were, in bytes.
        length: usize,
        /// How many there may be, in bytes.
        limit: usize,
    },
    /// Not CBOR, cut short, followed by something, or of another shape.
    #[error("the bytes are malformed")]
    Malformed,
    /// The right value in another form than the deterministic one.
    #[error("the encoding is not the canonical one")]
    NotCanonical,
}

/// The deterministic encoding of `value`, whose type serializes as arrays, byte strings, text and integers.
pub fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Err(error) = cbor::write(value, &mut bytes) {
        // Neither the vector nor the types of this crate can fail; an empty encoding is refused by every decoder.
        tracing::error!(%error, "a value could not be encoded");
        bytes.clear();
    }
    bytes
}

/// The value whose deterministic encoding is exactly `bytes`, if there are at most `limit` of them.
///
/// Allocates no more than a small multiple of `bytes`, whatever lengths they claim.
pub fn from_bytes<T: Serialize + DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, CodecError> {
    if bytes.len() > limit {
        return Err(CodecError::TooLong { length: bytes.len(), limit });
    }
    let mut rest = bytes;
    let value: T = cbor::read(&mut rest).map_err(|_| CodecError::Malformed)?;
    if !rest.is_empty() {
        return Err(CodecError::Malformed);
    }
    let mut again = Vec::with_capacity(bytes.len());
    match cbor::write(&value, &mut again) {
        Ok(()) if again == bytes => Ok(value),
        _ => Err(CodecError::NotCanonical),
    }
}

/// Reads the first items of an encoding: for what must be known before the whole is decoded.
#[derive(Clone, Copy)]
pub(crate) struct Peek<'a>(pub(crate) &'a [u8]);

impl Peek<'_> {
    /// The length of the array that begins here.
    pub(crate) fn array(&mut self) -> Option<usize> {
        self.argument(4).and_then(|length| usize::try_from(length).ok())
    }

    /// The unsigned integer here.
    pub(crate) fn unsigned(&mut self) -> Option<u64> {
        self.argument(0)
    }

    /// Passes over `true` or `false`.
    pub(crate) fn boolean(&mut self) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        matches!(first, 0xf4 | 0xf5).then_some(())
    }

    fn argument(&mut self, major: u8) -> Option<u64> {
        let (first, rest) = self.0.split_first()?;
        let width = match first & 0x1f {
            0..=23 => 0,
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return None,
        };
        let (argument, rest) = rest.split_at_checked(width)?;
        self.0 = rest;
        if first >> 5 != major {
            return None;
        }
        if width == 0 {
            return Some(u64::from(first & 0x1f));
        }
        Some(argument.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }
}

/// How many bytes the head of an item with this argument takes (RFC 8949 §3).
pub(crate) const fn head_length(argument: u64) -> usize {
    match argument {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

/// A number on the wire that names nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} names nothing known here")]
pub struct UnknownNumber(pub u8);

/// An enum that travels as a number.
macro_rules! numbered {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(into = "u8", try_from = "u8")]
        pub enum $name {
            $($(#[$variant_doc])* $variant = $number,)+
        }

        impl $name {
            /// All of them, by ascending number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
        }

        impl From<$name> for u8 {
            fn from(value: $name) -> Self {
                value as Self
            }
        }

        impl TryFrom<u8> for $name {
            type Error = $crate::codec::UnknownNumber;

            fn try_from(number: u8) -> Result<Self, Self::Error> {
                match number {
                    $($number => Ok(Self::$variant),)+
                    _ => Err($crate::codec::UnknownNumber(number)),
                }
            }
        }
    };
}
pub(crate) use numbered;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_bytes::ByteBuf;

    use super::*;

    type Shape = (u64, String, ByteBuf, Vec<u16>, Option<bool>);

    fn decode(bytes: &[u8]) -> Result<Shape, CodecError> {
        from_bytes(bytes, 1_000)
    }

    /// `[10, "a", h'01', [500], null]`
    const VECTOR: [u8; 11] = [0x85, 0x0a, 0x61, b'a', 0x41, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6];

    fn shape() -> Shape {
        (10, "a".into(), ByteBuf::from([1]), vec![500], None)
    }

    #[test]
    fn a_value_has_the_encoding_of_rfc_8949() {
        assert_eq!(to_bytes(&shape()), VECTOR);
        assert_eq!(decode(&VECTOR), Ok(shape()));
    }

    #[test]
    fn too_many_bytes_are_refused_before_they_are_looked_at() {
        let error = from_bytes::<Shape>(&[0xff; 20], 19);
        assert_eq!(error, Err(CodecError::TooLong { length: 20, limit: 19 }));
    }

    #[test]
    fn every_truncation_is_refused() {
        for length in 0..VECTOR.len() {
            assert_eq!(decode(&VECTOR[..length]), Err(CodecError::Malformed));
        }
    }

    #[test]
    fn a_byte_too_many_is_refused() {
        assert_eq!(decode(&[&VECTOR[..], &[0]].concat()), Err(CodecError::Malformed));
    }

    #[test]
    fn a_value_in_another_form_is_refused() {
        let forms: [&[u8]; 8] = [
            // 10 in two, three and nine bytes
            &[0x85, 0x18, 0x0a, 0x61, b'a', 0x41, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6],
            &[0x85, 0x19, 0, 0x0a, 0x61, b'a', 0x41, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6],
            &[0x85, 0x1b, 0, 0, 0, 0, 0, 0, 0, 0x0a, 0x61, b'a', 0x41, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6],
            // an inner array, a text and a byte string of indefinite length
            &[0x85, 0x0a, 0x61, b'a', 0x41, 1, 0x9f, 0x19, 0x01, 0xf4, 0xff, 0xf6],
            &[0x85, 0x0a, 0x7f, 0x61, b'a', 0xff, 0x41, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6],
            &[0x85, 0x0a, 0x61, b'a', 0x5f, 0x41, 1, 0xff, 0x81, 0x19, 0x01, 0xf4, 0xf6],
            // 10 behind a tag
            &[0x85, 0xc1, 0x0a, 0x61, b'a', 0x41, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6],
            // an array of numbers instead of a byte string
            &[0x85, 0x0a, 0x61, b'a', 0x81, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6],
        ];
        for form in forms {
            assert_eq!(decode(form), Err(CodecError::NotCanonical), "{form:02x?}");
        }
    }

    #[test]
    fn another_shape_is_refused() {
        let shapes: [&[u8]; 5] = [
            // 10 as a bignum
            &[0x85, 0xc2, 0x41, 0x0a, 0x61, b'a', 0x41, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6],
            // an outer array of indefinite length, one of four, a map, and text that is not UTF-8
            &[0x9f, 0x0a, 0x61, b'a', 0x41, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6, 0xff],
            &[0x84, 0x0a, 0x61, b'a', 0x41, 1, 0x81, 0x19, 0x01, 0xf4],
            &[0xa2, 0x0a, 0x61, b'a', 0x41, 1, 0x81, 0x19, 0x01, 0xf4],
            &[0x85, 0x0a, 0x61, 0xff, 0x41, 1, 0x81, 0x19, 0x01, 0xf4, 0xf6],
        ];
        for shape in shapes {
            assert_eq!(decode(shape), Err(CodecError::Malformed), "{shape:02x?}");
        }
    }

    #[test]
    fn a_claimed_length_beyond_the_input_is_refused_without_allocating_it() {
        let claims: [&[u8]; 3] = [
            &[0x85, 0x0a, 0x61, b'a', 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x85, 0x0a, 0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x85, 0x0a, 0x61, b'a', 0x41, 1, 0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ];
        for claim in claims {
            assert_eq!(decode(claim), Err(CodecError::Malformed));
        }
    }

    #[test]
    fn a_peek_reads_heads_of_every_width() {
        let mut peek = Peek(&[0x84, 0x17, 0x18, 0x18, 0x19, 1, 0, 0x1a, 0, 1, 0, 0, 0x9b, 0, 0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(peek.array(), Some(4));
        for value in [23, 24, 256, 65_536] {
            assert_eq!(peek.unsigned(), Some(value));
        }
        assert_eq!(peek.array(), Some(1 << 32));
        assert_eq!(peek.unsigned(), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(a: u64, b: String, c: Vec<u8>, d: Vec<u16>, e: Option<bool>) {
            let value: Shape = (a, b, ByteBuf::from(c), d, e);
            prop_assert_eq!(from_bytes(&to_bytes(&value), usize::MAX), Ok(value));
        }

        #[test]
        fn arbitrary_bytes_are_refused_or_are_the_encoding(bytes: Vec<u8>) {
            if let Ok(value) = decode(&bytes) {
                prop_assert_eq!(to_bytes(&value), bytes);
            }
        }

        #[test]
        fn a_head_is_as_long_as_it_says(argument: u64) {
            prop_assert_eq!(head_length(argument), to_bytes(&argument).len());
        }
    }
}
