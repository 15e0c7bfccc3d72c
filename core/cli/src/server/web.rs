//! The status page's addresses.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Query, Request, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use permesso_node::NodeError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Access, COOKIE_NAME, Verdict};
use super::activity::Span;
use super::watch::{Examined, Statistics, Watch};
use super::{metrics, page};
use crate::words::{Language, errors};

/// Nothing of other sites, no scripts, no frames: pictures and forms of this page alone.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every answer says besides its content.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// What the pages are made from.
#[derive(Clone)]
struct Site {
    watch: Arc<Watch>,
    access: Access,
    /// The language of who started the server, for browsers that ask for none.
    language: Language,
}

/// The numbers, and what the doctor found.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    statistics: Statistics,
    doctor: Option<Value>,
}

/// What an address may ask of the page.
#[derive(Debug, Default, Deserialize)]
struct Wish {
    lang: Option<String>,
    span: Option<String>,
}

#[derive(Deserialize)]
struct Shown {
    token: String,
}

/// All addresses.
pub(super) fn router(watch: Arc<Watch>, access: Access, language: Language) -> Router {
    let site = Site { watch, access, language };
    Router::new()
        .route("/", get(show))
        .route("/status.json", get(tell))
        .route("/metrics", get(measure))
        .route_layer(middleware::from_fn_with_state(site.clone(), admit))
        .route("/healthz", get(healthy))
        .route("/style.css", get(style))
        .route("/token", post(take_token))
        .layer(middleware::map_response(complete))
        .with_state(site)
}

/// Lets those in who may see the page.
async fn admit(State(site): State<Site>, request: Request, next: Next) -> Response {
    match site.access.judge(request.uri(), request.headers()) {
        Verdict::Welcome => next.run(request).await,
        Verdict::Misdirected => StatusCode::MISDIRECTED_REQUEST.into_response(),
        Verdict::TokenWanted => {
            let language = language(&site, &Wish::default(), request.headers());
            let page = Html(page::token_wanted(language, false).into_string());
            (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], page).into_response()
        }
    }
}

async fn complete(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response
}

async fn show(State(site): State<Site>, Query(wish): Query<Wish>, headers: HeaderMap) -> Response {
    let language = language(&site, &wish, &headers);
    let span = Span::of_key(wish.span.as_deref().unwrap_or_default());
    match all(&site.watch).await {
        Ok((statistics, activity, examined)) => {
            let chosen = wish.lang.as_deref().map(|_| language);
            let view = page::View { language, chosen, span, statistics, activity, examined };
            Html(page::status(&view).into_string()).into_response()
        }
        Err(error) => unavailable(language, &error),
    }
}

async fn all(watch: &Watch) -> Result<(Statistics, super::activity::Activity, Option<Examined>), NodeError> {
    Ok((watch.statistics().await?, watch.activity().await?, watch.examined()))
}

async fn tell(State(site): State<Site>) -> Response {
    match site.watch.statistics().await {
        Ok(statistics) => {
            let doctor = site.watch.examined().map(|examined| nameless(&examined));
            Json(Report { statistics, doctor }).into_response()
        }
        Err(error) => unavailable(site.language, &error),
    }
}

/// What the doctor found, without who it was that answered: a server's numbers go to monitors and into logs.
fn nameless(examined: &Examined) -> Value {
    let mut value = json!(examined);
    let findings = value.pointer_mut("/report/findings").and_then(Value::as_array_mut);
    for answer in findings.into_iter().flatten().filter_map(|finding| finding.get_mut("answer")?.as_object_mut()) {
        answer.retain(|key, _| key != "host" && key != "alias");
    }
    value
}

async fn measure(State(site): State<Site>) -> Response {
    let numbers = async { Ok::<_, NodeError>((site.watch.statistics().await?, site.watch.dropped().await?)) };
    match numbers.await {
        Ok((statistics, dropped)) => match metrics::text(&statistics, &dropped) {
            Ok(text) => ([(CONTENT_TYPE, metrics::TYPE)], text).into_response(),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        },
        Err(error) => unavailable(site.language, &error),
    }
}

/// Whether the server lives and its store works; the only thing that is told to everybody.
async fn healthy(State(site): State<Site>) -> Response {
    match site.watch.statistics().await {
        Ok(_) => "ok\n".into_response(),
        Err(error) => unavailable(site.language, &error),
    }
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE)
}

/// The token was typed in: the browser keeps it until it is closed.
async fn take_token(State(site): State<Site>, headers: HeaderMap, Form(shown): Form<Shown>) -> Response {
    if !site.access.opens(&shown.token) {
        let language = language(&site, &Wish::default(), &headers);
        let page = Html(page::token_wanted(language, true).into_string());
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], page).into_response();
    }
    let cookie = format!("{COOKIE_NAME}={}; Path=/; HttpOnly; SameSite=Strict", shown.token.trim());
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, "/")], Body::empty()).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

fn unavailable(language: Language, error: &NodeError) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", errors::node(language, error))).into_response()
}

/// The language that the address names, else the browser's, else that of who started the server.
fn language(site: &Site, wish: &Wish, headers: &HeaderMap) -> Language {
    let named = wish.lang.as_deref().and_then(Language::of_tag);
    let preferred = || headers.get(ACCEPT_LANGUAGE)?.to_str().ok().and_then(preferred);
    named.or_else(preferred).unwrap_or(site.language)
}

/// The language that a browser wants most of those there are (RFC 9110, section 12.5.4).
fn preferred(accepted: &str) -> Option<Language> {
    let weigh = |item: &str| {
        let (tag, parameters) = item.split_once(';').unwrap_or((item, ""));
        let weight =
            parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok())?;
        Some((Language::of_tag(tag.trim())?, weight)).filter(|(_, weight)| *weight > 0.0)
    };
    let mut best: Option<(Language, f32)> = None;
    for (language, weight) in accepted.split(',').filter_map(weigh) {
        // Of two that are wanted alike the first counts.
        if best.is_none_or(|(_, greatest)| weight > greatest) {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_language_it_wants_most() {
        for (accepted, language) in [
            ("it", Some(Language::Italian)),
            ("it-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some(Language::Italian)),
            ("de, en-GB;q=0.8, it;q=0.7", Some(Language::English)),
            ("en;q=0.3,it;q=0.9", Some(Language::Italian)),
            ("en;q=0, it;q=0.1", Some(Language::Italian)),
            ("item, de", None),
            ("it;q=x", None),
            ("", None),
        ] {
            assert_eq!(preferred(accepted), language, "{accepted}");
        }
    }
}
