//! Commands that do one thing and end.

pub(crate) mod accept;
pub(crate) mod ask;
pub(crate) mod config;
pub(crate) mod diagnostics;
pub(crate) mod doctor;
pub(crate) mod friends;
pub(crate) mod hosts;
pub(crate) mod inbox;
pub(crate) mod send;
pub(crate) mod sim;
pub(crate) mod whoami;
