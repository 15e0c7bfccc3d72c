//! Between CBOR (RFC 8949) in memory and `serde`, in the form `ciborium` gives it, byte for byte.
//!
//! Items are read and written by `ciborium-ll`, on which `ciborium` stands too. What leads from them to a type is made anew for every
//! type: so what it has to do itself is little, is done in functions that know no type, and an error says nothing but that there is one.
//! That is half of the code that a reader of streams with texts for errors comes to.

mod reading;
mod writing;

use std::fmt::{self, Display};

use serde::{Serialize, de::DeserializeOwned};

/// Bytes that are no value of the type asked for, or a value that has no encoding: a number of 128 bits, or with a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not what was expected in CBOR")
    }
}

impl std::error::Error for Malformed {}

impl serde::de::Error for Malformed {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl serde::ser::Error for Malformed {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

/// Appends the encoding of a value: structs are maps by the names of their fields. After an error some of it may be there.
pub fn write<T: Serialize + ?Sized>(value: &T, to: &mut Vec<u8>) -> Result<(), Malformed> {
    value.serialize(&mut writing::Writer::<false>(to))
}

/// The value at the beginning of `from`, which is moved to what follows it. The encoding need not be the shortest; tags are passed
/// over.
///
/// Takes no more memory than a small multiple of `from`, whatever lengths it claims.
pub fn read<T: DeserializeOwned>(from: &mut &[u8]) -> Result<T, Malformed> {
    let mut reader = reading::Reader::<false>::new(from);
    let value = T::deserialize(&mut reader)?;
    *from = reader.rest();
    Ok(value)
}

/// What one type writes for people, read by another: a way between a text's values and what they stand for, for which nothing more has
/// to be compiled.
pub fn converted<T: DeserializeOwned>(value: &impl Serialize) -> Result<T, Malformed> {
    let mut bytes = Vec::new();
    value.serialize(&mut writing::Writer::<true>(&mut bytes))?;
    T::deserialize(&mut reading::Reader::<true>::new(&bytes))
}

#[cfg(test)]
#[path = "cbor_tests.rs"]
mod tests;
