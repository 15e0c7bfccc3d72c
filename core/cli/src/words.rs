//! Every word the command says to people, in English and Italian. The texts stand in `words/en.ftl` and `words/it.ftl`,
//! the functions here say which is meant. What `--help` says stands in the code in English, and in `words/it.arguments.ftl` in
//! Italian.

pub(crate) mod account;
pub(crate) mod arguments;
pub(crate) mod carrying;
pub(crate) mod doctor;
pub(crate) mod errors;
pub(crate) mod fates;
pub(crate) mod fluent;
pub(crate) mod leaving;
pub(crate) mod notices;
pub(crate) mod people;
pub(crate) mod server;
pub(crate) mod sim;
pub(crate) mod story;
pub(crate) mod usage;

pub(crate) use fluent::say;

/// A language of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Italian.
    Italian,
}

impl Language {
    /// The language that the environment asks for (POSIX: `LC_ALL`, `LC_MESSAGES`, `LANG`; the first that is not empty).
    pub(crate) fn of_environment() -> Self {
        let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self::of_locale(["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).as_deref().unwrap_or_default())
    }

    /// The language of a tag like `it-CH`, if it is one of these.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        match Self::of_locale(primary) {
            Self::Italian => Some(Self::Italian),
            Self::English => Some(Self::English).filter(|_| primary.eq_ignore_ascii_case("en")),
        }
    }

    /// Its own tag (BCP 47).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
        }
    }

    fn of_locale(locale: &str) -> Self {
        match locale.split(['_', '.', '@', '-']).next() {
            Some(language) if language.eq_ignore_ascii_case("it") => Self::Italian,
            _ => Self::English,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_decides_the_language() {
        for italian in ["it", "it_IT.UTF-8", "it_CH", "IT", "it@euro"] {
            assert_eq!(Language::of_locale(italian), Language::Italian, "{italian}");
        }
        for other in ["", "C", "POSIX", "en_GB.UTF-8", "de_DE", "item"] {
            assert_eq!(Language::of_locale(other), Language::English, "{other}");
        }
    }
}
