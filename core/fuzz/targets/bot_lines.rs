//! The command is a program, not a library: its files are included where they stand, with what they use of it beside them.
#![no_main]
#![allow(dead_code)]

#[path = "."]
mod bot {
    #[path = "../../cli/src/bot/fuzzing.rs"]
    pub(crate) mod fuzzing;
    #[path = "../../cli/src/bot/input.rs"]
    mod input;
    #[path = "../../cli/src/bot/request.rs"]
    mod request;

    /// The texts of problems are not decoded by anybody.
    mod problem {
        #[derive(Debug)]
        pub(super) struct Problem(String);

        impl Problem {
            pub(super) fn malformed(message: impl Into<String>) -> Self {
                Self(message.into())
            }

            pub(super) fn unknown_command(message: impl Into<String>) -> Self {
                Self(message.into())
            }

            pub(super) fn invalid(message: impl Into<String>) -> Self {
                Self(message.into())
            }

            pub(super) fn line_too_long() -> Self {
                Self(super::input::LINE_MAX.to_string())
            }
        }

        impl From<permesso_node::NodeError> for Problem {
            fn from(error: permesso_node::NodeError) -> Self {
                Self(error.to_string())
            }
        }
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bot::fuzzing::bot_lines(bytes));
