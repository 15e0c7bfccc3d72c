//! Commands that do one thing and end.

pub(crate) mod accept;
pub(crate) mod ask;
pub(crate) mod cancel;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod contacts;
pub(crate) mod diagnostics;
pub(crate) mod doctor;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod friends;
pub(crate) mod hosts;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod man;
pub(crate) mod rescue;
pub(crate) mod resend;
pub(crate) mod search;
pub(crate) mod send;
pub(crate) mod sim;
pub(crate) mod whoami;
