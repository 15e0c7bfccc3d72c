//! The texts, in Fluent (projectfluent.org): a language is read when its first text is wanted, in about a millisecond.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Pattern;

use super::Language;

/// English, from which others are translated.
const ENGLISH: &str = include_str!("../../words/en.ftl");
/// Italian.
const ITALIAN: &str = include_str!("../../words/it.ftl");

/// The texts of one language.
pub(super) type Texts = FluentBundle<FluentResource>;

// Constants in all but form: what the program was built with, read at the first use.
static ENGLISH_TEXTS: LazyLock<Texts> = LazyLock::new(|| read("en", ENGLISH));
static ITALIAN_TEXTS: LazyLock<Texts> = LazyLock::new(|| read("it", ITALIAN));

/// The text of that key in one's language. `say!(language, "key", name, count = list.len())` gives it two variables; only
/// literal keys, so that a test finds every one of them.
macro_rules! say {
    (@variable $name:ident) => {
        (stringify!($name), $crate::words::fluent::Variable::value(&$name))
    };
    (@variable $name:ident $value:expr) => {
        (stringify!($name), $crate::words::fluent::Variable::value(&$value))
    };
    ($language:expr, $key:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::words::fluent::text($language, $key, [$($crate::words::say!(@variable $name $($value)?)),*])
    };
}
pub(crate) use say;

/// What can stand for a variable in a text.
pub(crate) trait Variable {
    /// As Fluent takes it: a number chooses between singular and plural.
    fn value(&self) -> FluentValue<'_>;
}

impl Variable for str {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl Variable for String {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Variable for $number {
            fn value(&self) -> FluentValue<'_> {
                FluentValue::from(*self)
            }
        })*
    };
}
numbers!(u16, u32, u64, usize);

impl<T: Variable + ?Sized> Variable for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

/// The text of a key. A key that does not exist, which a test rules out, is shown itself.
pub(crate) fn text<const N: usize>(
    language: Language,
    key: &'static str,
    variables: [(&'static str, FluentValue<'_>); N],
) -> String {
    let texts = match language {
        Language::English => &*ENGLISH_TEXTS,
        Language::Italian => &*ITALIAN_TEXTS,
    };
    let Some(pattern) = texts.get_message(key).and_then(|message| message.value()) else {
        tracing::error!(key, "a text is missing");
        return key.to_owned();
    };
    put_together(texts, pattern, variables)
}

/// A text with its variables filled in.
pub(super) fn put_together<const N: usize>(
    texts: &Texts,
    pattern: &Pattern<&str>,
    variables: [(&'static str, FluentValue<'_>); N],
) -> String {
    let variables = FluentArgs::from_iter(variables);
    let mut errors = Vec::new();
    let text = texts.format_pattern(pattern, Some(&variables), &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::error!(text, ?errors, "a text cannot be put together");
    }
    text
}

/// The texts of a file.
pub(super) fn read(locale: &str, source: &str) -> Texts {
    let locale = locale.parse().unwrap_or_default();
    let mut texts = Texts::new_concurrent(vec![locale]);
    // What surrounds a variable here is one's own language; terminals show the marks as boxes.
    texts.set_use_isolating(false);
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            tracing::error!(?errors, "some texts cannot be read");
            resource
        }
    };
    if let Err(errors) = texts.add_resource(resource) {
        tracing::error!(?errors, "some texts exist twice");
    }
    texts
}

#[cfg(test)]
mod tests;
