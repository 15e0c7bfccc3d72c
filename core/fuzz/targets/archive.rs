#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| permesso_store::fuzzing::archive(bytes));
