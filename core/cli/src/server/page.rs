//! The status page: one page without scripts, in the reader's language.

use maud::{DOCTYPE, Markup, html};
use permesso_node::{Finding, Verdict};

use super::activity::{Activity, STEPS, Span, Step};
use super::plot;
use super::watch::{Examined, Statistics};
use crate::printing::{moment, one_line};
use crate::tasks::doctor::place;
use crate::words::server::page as words;
use crate::words::{Language, doctor, server};

/// How the page looks.
pub(super) const STYLE: &str = include_str!("style.css");

/// Seconds until the page loads again by itself.
const REFRESH: u32 = 60;

/// What is shown.
pub(super) struct View {
    pub(super) language: Language,
    /// The language that the address names, kept by the page's own links.
    pub(super) chosen: Option<Language>,
    pub(super) span: Span,
    pub(super) statistics: Statistics,
    pub(super) activity: Activity,
    pub(super) examined: Option<Examined>,
}

/// The page.
pub(super) fn status(view: &View) -> Markup {
    let (language, statistics) = (view.language, &view.statistics);
    let title = words::title(language, &one_line(&statistics.alias));
    let content = html! {
        header {
            h1 { (title) }
            (languages(view))
        }
        main {
            (numbers(view))
            (lately(view))
            (network(language, view.examined.as_ref()))
        }
        footer {
            p { (words::by_itself(language, &moment(statistics.now))) " " a href=(address(view.span, view.chosen)) { (words::again(language)) } }
            p { (words::sealed(language)) }
            p { "Permesso " (statistics.version) " · " code { (statistics.host) } }
        }
    };
    frame(language, &title, Some(REFRESH), &content)
}

/// What is shown to whoever has not shown the token; `wrong` if one was shown that is not it.
pub(super) fn token_wanted(language: Language, wrong: bool) -> Markup {
    let content = html! {
        main {
            h1 { "Permesso" }
            p { (words::token_wanted(language)) }
            @if wrong {
                p.bad role="alert" { (words::token_wrong(language)) }
            }
            form method="post" action="/token" {
                label for="token" { (words::token(language)) }
                input #token name="token" type="password" autocomplete="off" required autofocus;
                button { (words::open(language)) }
            }
        }
    };
    frame(language, "Permesso", None, &content)
}

fn frame(language: Language, title: &str, refresh: Option<u32>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = refresh {
                    meta http-equiv="refresh" content=(seconds);
                }
                title { (title) }
                link rel="stylesheet" href="/style.css";
                // Without it browsers ask for /favicon.ico.
                link rel="icon" href="data:,";
            }
            body { (content) }
        }
    }
}

/// An address of this page.
fn address(span: Span, language: Option<Language>) -> String {
    let language = language.map_or(String::new(), |language| format!("&lang={}", language.tag()));
    format!("/?span={}{language}", span.key())
}

fn languages(view: &View) -> Markup {
    html! {
        nav aria-label=(words::choose_language(view.language)) {
            @for (language, name) in [(Language::English, "English"), (Language::Italian, "Italiano")] {
                a href=(address(view.span, Some(language))) hreflang=(language.tag()) lang=(language.tag())
                    aria-current=[(language == view.language).then_some("true")] { (name) }
            }
        }
    }
}

fn numbers(view: &View) -> Markup {
    let (language, carrying) = (view.language, &view.statistics.carrying);
    let (rows, storage) = (server::rows(language, carrying), server::storage_name(language));
    html! {
        section aria-labelledby="numbers" {
            h2 #numbers { (words::numbers(language)) }
            dl {
                @for (name, text) in &rows {
                    div {
                        dt { (name) }
                        dd { (text) }
                        @if *name == storage {
                            (meter(name, carrying.bytes, carrying.storage_bytes))
                        }
                    }
                }
            }
            p.small { (words::since(language, &moment(view.statistics.started))) " · " (listed(view)) }
        }
    }
}

fn listed(view: &View) -> String {
    let addresses: Vec<String> = view.statistics.addresses.iter().map(ToString::to_string).collect();
    format!("{} {}", server::present_on(view.language), addresses.join(", "))
}

/// How full the storage is.
fn meter(label: &str, part: u64, whole: u64) -> Markup {
    html! {
        meter aria-label=(label) min="0" max=(whole) value=(part) high=(whole - whole / 10) optimum="0" {}
    }
}

fn lately(view: &View) -> Markup {
    let (language, steps) = (view.language, view.activity.steps(view.span));
    let sum = |count: fn(&Step) -> u64| server::number(language, steps.iter().map(count).sum());
    let (deposits, deliveries) = (sum(|step| step.deposits), sum(|step| step.deliveries));
    let span = span_text(language, view.span);
    let label = words::plot(language, &span, &deposits, &deliveries);
    html! {
        section aria-labelledby="activity" {
            h2 #activity { (words::activity(language)) }
            nav aria-label=(words::choose_span(language)) {
                @for span in Span::ALL {
                    a href=(address(span, view.chosen)) aria-current=[(span == view.span).then_some("true")] {
                        (span_text(language, span))
                    }
                }
            }
            figure {
                div.scale { (server::number(language, plot::top(&steps))) }
                (plot::picture(&steps, &label))
                div.times {
                    span { (words::ago(language, &span)) }
                    span { (words::now(language)) }
                }
                figcaption {
                    span.key { span.bar {} (words::deposits(language)) }
                    span.key { span.line {} (words::deliveries(language)) }
                    p { (label) }
                }
            }
            (table(language, view.span, &steps))
        }
    }
}

/// The plot's numbers, newest first, without the steps in which nothing happened.
fn table(language: Language, span: Span, steps: &[Step; STEPS]) -> Markup {
    let busy = steps.iter().rev().zip(0_u64..).filter(|(step, _)| step.deposits + step.deliveries > 0);
    let busy: Vec<_> = busy.collect();
    html! {
        details {
            summary { (words::as_table(language)) }
            @if busy.is_empty() {
                p { (words::nothing(language)) }
            } @else {
                table {
                    thead {
                        tr {
                            th scope="col" { (words::when(language)) }
                            th scope="col" { (words::deposits(language)) }
                            th scope="col" { (words::deliveries(language)) }
                            th scope="col" { (words::hosts(language)) }
                        }
                    }
                    tbody {
                        @for (step, ago) in busy {
                            tr {
                                th scope="row" { (ago_text(language, span.step() * ago)) }
                                td { (server::number(language, step.deposits)) }
                                td { (server::number(language, step.deliveries)) }
                                td { (server::number(language, step.hosts)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn span_text(language: Language, span: Span) -> String {
    match span {
        Span::TenMinutes => words::minutes(language, 10),
        Span::Hour => words::hours(language, 1),
        Span::SixHours => words::hours(language, 6),
        Span::Day => words::hours(language, 24),
    }
}

fn ago_text(language: Language, milliseconds: u64) -> String {
    let (seconds, minutes) = (milliseconds / 1_000, milliseconds / 60_000);
    match (minutes / 60, minutes % 60) {
        (0, 0) if seconds == 0 => words::now(language),
        (0, 0) => words::ago(language, &words::seconds(language, seconds)),
        (0, minutes) if seconds % 60 == 0 => words::ago(language, &words::minutes(language, minutes)),
        (0, minutes) => {
            let text = format!("{} {}", words::minutes(language, minutes), words::seconds(language, seconds % 60));
            words::ago(language, &text)
        }
        (hours, 0) => words::ago(language, &words::hours(language, hours)),
        (hours, minutes) => {
            let text = format!("{} {}", words::hours(language, hours), words::minutes(language, minutes));
            words::ago(language, &text)
        }
    }
}

fn network(language: Language, examined: Option<&Examined>) -> Markup {
    html! {
        section aria-labelledby="network" {
            h2 #network { (words::network(language)) }
            @match examined {
                None => p { (words::not_examined(language)) },
                Some(Examined { at, report }) => {
                    ul.findings {
                        @for finding in &report.findings {
                            (self::finding(language, finding, report.port))
                        }
                    }
                    p.small { (words::examined(language, &moment(*at))) }
                }
            }
        }
    }
}

fn finding(language: Language, finding: &Finding, port: u16) -> Markup {
    let class = match finding.verdict {
        Verdict::Works => "good",
        Verdict::DoesNotWork => "bad",
        Verdict::Unknown => "unknown",
    };
    html! {
        li {
            span class=(class) { (doctor::verdict(language, finding.verdict)) }
            div {
                strong { (doctor::subject(language, finding.subject)) (place(finding)) }
                ": " (doctor::why(language, finding, &words::somebody(language), port)) "."
                @if let Some(advice) = doctor::advice(language, finding, port) {
                    p.small { (advice) }
                }
            }
        }
    }
}
