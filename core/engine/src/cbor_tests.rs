//! Held against `ciborium`, another's implementation.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    number: u64,
    below: i64,
    small: (u8, i16, bool),
    letter: char,
    nothing: (),
    perhaps: Option<Box<Everything>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    bytes: ByteBuf,
    fixed: [u8; 3],
    #[serde(default)]
    way: Way,
    tagged: Tagged,
    map: BTreeMap<u32, Way>,
    #[serde(flatten)]
    more: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Way {
    #[default]
    Nowhere,
    To(u32),
    Between(u16, String),
    Along {
        here: Option<u8>,
        there: String,
    },
}

/// Read through what `serde` keeps it in meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Tagged {
    Empty,
    Full { list: Vec<Option<i64>>, bytes: ByteBuf, yes: bool },
}

fn by_ciborium(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        Just(Way::Nowhere),
        any::<u32>().prop_map(Way::To),
        (any::<u16>(), ".{0,30}").prop_map(|(number, text)| Way::Between(number, text)),
        (any::<Option<u8>>(), ".{0,3}").prop_map(|(here, there)| Way::Along { here, there }),
    ]
}

fn tagged() -> impl Strategy<Value = Tagged> {
    let full = (any::<Vec<Option<i64>>>(), any::<Vec<u8>>(), any::<bool>());
    prop_oneof![
        Just(Tagged::Empty),
        full.prop_map(|(list, bytes, yes)| Tagged::Full { list, bytes: bytes.into(), yes }),
    ]
}

fn flat() -> impl Strategy<Value = Everything> {
    let numbers = (prop_oneof![0..70_000_u64, any::<u64>()], any::<i64>(), any::<(u8, i16, bool)>(), any::<char>());
    let lists = (prop::collection::vec(".{0,9}", 0..30), prop::collection::vec(any::<u8>(), 0..300), any::<[u8; 3]>());
    let maps = (
        prop::collection::btree_map(any::<u32>(), way(), 0..4),
        prop::collection::btree_map("more[a-z]{1,5}", any::<u64>(), 0..3),
    );
    (numbers, lists, way(), tagged(), maps).prop_map(|(numbers, lists, way, tagged, (map, more))| {
        let ((number, below, small, letter), (names, bytes, fixed)) = (numbers, lists);
        let (nothing, perhaps, bytes) = ((), None, bytes.into());
        Everything { number, below, small, letter, nothing, perhaps, names, bytes, fixed, way, tagged, map, more }
    })
}

fn everything() -> impl Strategy<Value = Everything> {
    (flat(), prop::option::of(flat())).prop_map(|(outer, inner)| Everything { perhaps: inner.map(Box::new), ..outer })
}

/// Bytes as `ciborium` gives them, some of them changed.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (flat(), changes).prop_map(|(value, changes)| {
        let mut bytes = by_ciborium(&value);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn what_is_written_is_what_ciborium_writes(value in everything()) {
        let mut bytes = vec![7];
        prop_assert_eq!(write(&value, &mut bytes), Ok(()));
        prop_assert_eq!(bytes.split_off(1), by_ciborium(&value));
    }

    #[test]
    fn what_ciborium_writes_is_read(value in everything(), rest in any::<Vec<u8>>()) {
        let bytes = [by_ciborium(&value), rest.clone()].concat();
        let mut from = bytes.as_slice();
        prop_assert_eq!(read(&mut from), Ok(value));
        prop_assert_eq!(from, rest);
    }

    #[test]
    fn what_is_read_of_damaged_bytes_is_what_ciborium_reads(bytes in nearly()) {
        if let Ok(value) = read::<Everything>(&mut bytes.as_slice()) {
            prop_assert_eq!(ciborium::from_reader::<Everything, _>(bytes.as_slice()).unwrap(), value);
        }
    }

    #[test]
    fn nothing_is_read_of_half_a_value(value in flat(), at in any::<prop::sample::Index>()) {
        let bytes = by_ciborium(&value);
        prop_assert_eq!(read::<Everything>(&mut bytes.split_at(at.index(bytes.len())).0), Err(Malformed));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        let _ = read::<Everything>(&mut bytes.as_slice());
        let _ = read::<(Tagged, Way, Vec<serde::de::IgnoredAny>)>(&mut bytes.as_slice());
    }
}

#[test]
fn forms_that_are_not_the_shortest_are_read_too() {
    let read_all = |bytes: &[u8]| {
        let mine = read::<(u64, String, ByteBuf, Vec<i8>)>(&mut { bytes });
        assert_eq!(mine, ciborium::from_reader(bytes).map_err(|_| Malformed));
        mine
    };
    let value = (1, "ab".to_owned(), ByteBuf::from([3, 4]), vec![-1, 2]);
    assert_eq!(read_all(&[0x84, 0x01, 0x62, b'a', b'b', 0x42, 3, 4, 0x82, 0x20, 2]), Ok(value.clone()));
    let longest =
        [0x9f, 0x1b, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 0x61, b'a', 0x61, b'b', 0xff, 0x5f, 0x42, 3, 4, 0xff, 0x9f, 0x20, 2];
    assert_eq!(read_all(&[longest.as_slice(), &[0xff, 0xff]].concat()), Ok(value.clone()));
    let tagged = [0xc1, 0x84, 0xd8, 40, 0x18, 1, 0x62, b'a', b'b', 0xda, 0, 1, 0, 0, 0x42, 3, 4, 0x82, 0x38, 0, 2];
    assert_eq!(read_all(&tagged), Ok(value));
}

#[test]
fn lengths_that_are_claimed_take_no_memory() {
    for claim in [0x9b, 0xbb, 0x5b, 0x7b] {
        let bytes = [&[claim][..], &[0xff; 8], &[0x01; 16]].concat();
        assert_eq!(read::<Vec<u64>>(&mut bytes.as_slice()), Err(Malformed));
        assert_eq!(read::<BTreeMap<u64, u64>>(&mut bytes.as_slice()), Err(Malformed));
        assert_eq!(read::<ByteBuf>(&mut bytes.as_slice()), Err(Malformed));
        assert_eq!(read::<String>(&mut bytes.as_slice()), Err(Malformed));
    }
}

#[test]
fn what_stands_too_deep_is_refused() {
    let deep = |depth| [vec![0x81; depth], vec![0x01]].concat();
    assert!(read::<serde::de::IgnoredAny>(&mut deep(100).as_slice()).is_ok());
    assert_eq!(read::<serde::de::IgnoredAny>(&mut deep(100_000).as_slice()), Err(Malformed));
}
