//! `permesso`, the command line.
fn main() {}
