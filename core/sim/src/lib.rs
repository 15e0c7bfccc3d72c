//! A world of many engines in virtual time.

pub mod memory;
