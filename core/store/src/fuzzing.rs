//! What fuzzing feeds of this crate (`core/fuzz/FUZZING.md`). Built only for tests, which replay the corpus, and for cargo-fuzz.

#![allow(clippy::unwrap_used, reason = "it is to panic")]
#![allow(missing_docs, reason = "each is named after what it decodes")]

use crate::archive::Record;

/// A record of an account file, as it is once the file is decrypted. What is accepted is the same when it is written again.
pub fn archive(bytes: &[u8]) {
    let Ok(record) = ciborium::from_reader::<Record, _>(bytes) else { return };
    let mut written = Vec::new();
    ciborium::into_writer(&record, &mut written).unwrap();
    assert_eq!(ciborium::from_reader::<Record, _>(written.as_slice()).unwrap(), record);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_input_that_fuzzing_found_interesting_is_taken_well() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/archive");
        let inputs: Vec<_> = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!inputs.is_empty());
        for input in inputs {
            println!("{}", input.display());
            super::archive(&fs::read(input).unwrap());
        }
    }
}
