//! A server's status page, opened in a browser and looked at.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::bot::Bot;
use crate::browser::Browser;
use crate::process::{World, skipped};
use crate::server::Server;

/// A phone and a desktop.
const SIZES: [(&str, (u32, u32)); 2] = [("phone", (360, 740)), ("desktop", (1_280, 800))];

/// The least contrast of a text with what is behind it (WCAG 2.2, 1.4.3).
const CONTRAST_MIN: f64 = 4.5;

/// The least contrast of all texts on the page, and the text that has it.
const LEAST_CONTRAST: &str = "(() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = parse(colour).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (parse(colour)[3] !== 0) return colour;
    }
  };
  let least = [99, ''];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim()) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < least[0]) least = [contrast, texts.currentNode.data];
  }
  return least;
})()";

/// A server that has taken mail in, delivered some of it, and keeps the rest; the sender is still there.
fn busy_server(world: &World) -> (Server, Bot) {
    let server = Server::start(world, "Library", 3);
    let (mut ada, mut grace) = (Bot::start(world, "Ada", 1), Bot::start(world, "Grace", 2));
    ada.befriend(&mut grace, "gra");
    for (count, comes_back) in [(12, true), (5, false)] {
        let grace_id = grace.id.clone();
        grace.end();
        ada.event("host_changed", |event| event["host"] == grace_id.as_str() && event["online"] == false);
        for number in 0..count {
            ada.send("Grace", &format!("number {number}"));
        }
        server.until("it has them", |numbers| numbers["envelopes"] == count);
        if !comes_back {
            return (server, ada);
        }
        grace = Bot::start(world, "Grace", 2);
        server.until("it is rid of them", |numbers| numbers["envelopes"] == 0);
    }
    (server, ada)
}

#[test]
fn the_status_page_is_readable_on_phone_and_desktop_in_both_languages_light_and_dark() {
    let Some(mut browser) = Browser::start() else {
        skipped("there is no Chromium");
        return;
    };
    let world = World::new();
    let (server, ada) = busy_server(&world);
    let told = server.until("the doctor has looked", |numbers| !numbers["doctor"].is_null()).to_string();
    assert!(told.contains("\"cause\":\"answered\"") && !told.contains("Ada") && !told.contains(&ada.id), "{told}");
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("status-page");
    fs::create_dir_all(&pictures).unwrap();
    let page = format!("http://{}/", server.address);
    let mut papers = Vec::new();
    for (name, size) in SIZES {
        for scheme in ["light", "dark"] {
            browser.look(size, scheme);
            for (language, words) in [("en", "waiting envelopes"), ("it", "buste in attesa")] {
                browser.open(&format!("{page}?lang={language}&span=10m"));
                assert_eq!(browser.evaluate("document.documentElement.lang"), language);
                let text = browser.evaluate("document.body.innerText");
                assert!(text.as_str().unwrap().contains(words), "{text}");
                assert!(!text.as_str().unwrap().contains("Ada"), "the page names nobody: {text}");
                let overhang = browser.evaluate("document.documentElement.scrollWidth - innerWidth");
                assert!(overhang.as_i64().unwrap() <= 0, "{name}: {overhang} pixels too wide");
                let least = browser.evaluate(LEAST_CONTRAST);
                assert!(least[0].as_f64().unwrap() >= CONTRAST_MIN, "{scheme}: {least}");
                browser.picture(&pictures.join(format!("{name}-{scheme}-{language}.png")));
            }
            papers.push(browser.evaluate("getComputedStyle(document.body).backgroundColor"));
        }
    }
    assert!(papers[0] != papers[1] && papers[..2] == papers[2..], "light and dark: {papers:?}");
    assert_eq!(browser.complaints, [""; 0], "the browser complains");
}

#[test]
fn a_click_changes_the_language_and_the_span_and_opens_the_numbers_of_the_plot() {
    let Some(mut browser) = Browser::start() else {
        skipped("there is no Chromium");
        return;
    };
    let world = World::new();
    let (server, _ada) = busy_server(&world);
    browser.look(SIZES[0].1, "light");
    browser.open(&format!("http://{}/", server.address));
    assert_eq!(browser.evaluate("document.documentElement.lang"), "en");
    assert!(browser.evaluate("document.querySelectorAll('rect.deposits').length").as_u64() >= Some(1));
    browser.click("a[hreflang=it]");
    browser.until("document.documentElement.lang == 'it' && document.readyState == 'complete'");
    browser.click("a[href*='24h']");
    browser.until("location.search.includes('24h') && document.readyState == 'complete'");
    let label = browser.evaluate("document.querySelector('svg').getAttribute('aria-label')");
    assert_eq!(label, "Negli ultimi 24 h: 17 prese, 12 consegnate.", "the language stays");
    assert_eq!(browser.evaluate("document.querySelector('tbody').checkVisibility()"), json!(false));
    browser.click("summary");
    browser.until("document.querySelector('tbody').checkVisibility()");
    let row = browser.evaluate("document.querySelector('tbody tr').innerText");
    assert!(row.as_str().unwrap().starts_with("adesso\t17\t12\t"), "{row}");
    assert_eq!(browser.complaints, [""; 0], "the browser complains");
}

#[test]
fn who_types_the_token_in_sees_the_page() {
    let Some(mut browser) = Browser::start() else {
        skipped("there is no Chromium");
        return;
    };
    let world = World::new();
    let server = Server::spawn(world.host("server", "Library", 1).args(["--status-address", "0.0.0.0:0"]));
    let token = fs::read_to_string(world.home("Library").join("status-token")).unwrap();
    browser.look(SIZES[0].1, "dark");
    browser.open(&format!("http://127.0.0.1:{}/", server.address.port()));
    for typed in ["wrong", token.trim()] {
        assert!(browser.evaluate("document.body.innerText").as_str().unwrap().contains("wants the token"));
        assert!(browser.evaluate(LEAST_CONTRAST)[0].as_f64().unwrap() >= CONTRAST_MIN);
        browser.evaluate(&format!("document.querySelector('#token').value = {}", json!(typed)));
        browser.click("button");
        match typed {
            "wrong" => browser.until("!!document.querySelector('[role=alert]') && document.readyState == 'complete'"),
            _ => browser.until("!!document.querySelector('#numbers') && document.readyState == 'complete'"),
        }
    }
}
