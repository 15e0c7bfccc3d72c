//! Packs what UTS 39 says of characters that look alike, as the crate `unicode-security` has it: there each of six thousand takes 24
//! bytes and an address that is to be relocated at every start, here six bytes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io};

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let (mut letters, mut places, mut texts) = (Vec::new(), Vec::new(), String::new());
    let (mut known, mut ignored) = (BTreeMap::new(), Vec::<(u32, u32)>::new());
    for letter in '\0'..=char::MAX {
        // What is composed is taken apart before anybody looks here.
        if std::iter::once(letter).nfd().ne([letter]) {
            continue;
        }
        let shape: String = skeleton(letter.encode_utf8(&mut [0; 4])).collect();
        if shape.is_empty() {
            match ignored.last_mut() {
                Some((_, last)) if *last + 1 == u32::from(letter) => *last += 1,
                _ => ignored.push((letter.into(), letter.into())),
            }
        } else if shape.chars().ne([letter]) {
            let place = known.entry(shape).or_insert_with_key(|shape| {
                let place = texts.len();
                texts.push_str(shape);
                texts.push('\n');
                place
            });
            letters.push(u32::from(letter));
            places.push(u16::try_from(*place).map_err(io::Error::other)?);
        }
    }
    let (count, ranges) = (letters.len(), ignored.len());
    let tables = format!(
        "static LETTERS: [u32; {count}] = {letters:?};\nstatic PLACES: [u16; {count}] = {places:?};\n\
         static TEXTS: &str = {texts:?};\nstatic IGNORED: [(u32, u32); {ranges}] = {ignored:?};\n"
    );
    let folder = env::var_os("OUT_DIR").map(PathBuf::from).ok_or(io::ErrorKind::NotFound)?;
    fs::write(folder.join("shapes.rs"), tables)
}
