use super::*;

const X: &str = "xmlns:xliff=\"urn:oasis:names:tc:xliff:document:1.2\"";

fn english(inside: &str) -> Result<Words, Vec<String>> {
    words::read(Language::English, "values/strings.xml", &format!("<resources {X}>\n{inside}\n</resources>"))
}

fn italian(inside: &str) -> Result<Words, Vec<String>> {
    words::read(Language::Italian, "values-it/strings.xml", &format!("<resources {X}>\n{inside}\n</resources>"))
}

const HELD: &str = "<string name=\"held_by\">Held by <xliff:g id=\"name\" example=\"Ada\">%1$s</xliff:g> and \
    <xliff:g id=\"others\">%2$d</xliff:g></string>";
const UNREAD: &str = "<plurals name=\"unread_from\"><item quantity=\"one\">One message from %2$s</item>\
    <item quantity=\"other\">%1$d messages from %2$s, $5</item></plurals>";
const NON_LETTI: &str = "<plurals name=\"unread_from\"><item quantity=\"one\">Un messaggio da %2$s</item>\
    <item quantity=\"many\">%1$d di messaggi da %2$s</item><item quantity=\"other\">%1$d messaggi da %2$s</item></plurals>";

#[test]
fn a_key_becomes_a_value_and_one_with_places_a_function() {
    let words = english(&format!("<string name=\"people_title\">People</string>{HELD}{UNREAD}")).unwrap();
    let kotlin = kotlin::interface(&words);
    assert!(kotlin.contains("package org.permesso.ui.words\n"));
    assert!(kotlin.contains("    public val peopleTitle: String\n"), "{kotlin}");
    assert!(kotlin.contains("    public fun heldBy(name: String, others: Int): String\n"), "{kotlin}");
    assert!(kotlin.contains("    public fun unreadFrom(count: Int, second: String): String\n"), "{kotlin}");
    assert!(kotlin.ends_with("String\n}\n"), "{kotlin}");
    let object = kotlin::object("EnglishStrings", &words, &Template::clone);
    assert!(object.contains("override val peopleTitle: String = \"People\"\n"), "{object}");
    assert!(object.contains("= \"Held by ${name} and ${others}\"\n"), "{object}");
    assert!(object.contains("count == 1 -> \"One message from ${second}\"\n"), "{object}");
    assert!(object.contains("else -> \"${count} messages from ${second}, \\$5\"\n"), "{object}");
}

#[test]
fn italian_has_a_form_for_millions() {
    let words = italian(NON_LETTI).unwrap();
    let object = kotlin::object("ItalianStrings", &words, &Template::clone);
    assert!(object.contains("count != 0 && count % 1_000_000 == 0 -> \"${count} di messaggi"), "{object}");
}

#[test]
fn a_form_that_is_missing_unknown_or_twice_is_refused_with_its_line() {
    let without = "<plurals name=\"a\"><item quantity=\"other\">%1$d</item></plurals>";
    assert_eq!(english(without).unwrap_err(), ["values/strings.xml:2: `a`: the form `one` is missing"]);
    assert!(english(NON_LETTI).unwrap_err().first().unwrap().contains("no form `many`"));
    assert!(italian(UNREAD).unwrap_err().first().unwrap().contains("the form `many` is missing"));
    let twice = "<plurals name=\"a\"><item quantity=\"one\">a</item><item quantity=\"one\">b</item></plurals>";
    assert!(english(twice).unwrap_err().first().unwrap().contains("twice"));
    let other = "<plurals name=\"a\"><item quantity=\"one\">a %2$s</item><item quantity=\"other\">b</item></plurals>";
    assert!(english(other).unwrap_err().first().unwrap().contains("other places"));
}

#[test]
fn a_key_that_one_language_lacks_and_other_places_are_found() {
    let one = english(&format!("<string name=\"a\">a</string><string name=\"b\">b</string>{HELD}")).unwrap();
    let other = italian(
        "<string name=\"a\">a</string><string name=\"c\">c</string><string name=\"held_by\">Presso %1$s</string>",
    )
    .unwrap();
    let found = differences(&one, &other);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().any(|one| one.starts_with("`b` is missing in android/ui/src/main/res/values-it")));
    assert!(found.iter().any(|one| one.starts_with("`c` is missing in android/ui/src/main/res/values/")));
    assert!(found.iter().any(|one| one.starts_with("`held_by`: other places: %1$s name, %2$d others in English")));
    // Everything compiles all the same.
    let object = kotlin::object("ItalianStrings", &completed(&one, &other), &Template::clone);
    assert!(object.contains("Held by ${name}") && object.contains("override val b"), "{object}");
}

#[test]
fn a_name_stands_in_english_alone() {
    let name = english("<string name=\"app_name\" translatable=\"false\">Permesso</string>").unwrap();
    assert!(differences(&name, &italian("").unwrap()).is_empty());
    let again = italian("<string name=\"app_name\">Permesso</string>").unwrap();
    assert_eq!(differences(&name, &again).len(), 1);
}

#[test]
fn keys_twice_markup_and_wrong_escapes_are_refused() {
    for wrong in [
        "<string name=\"a\">a</string><string name=\"a\">b</string>",
        "<string name=\"A\">a</string>",
        "<string name=\"a\"><b>a</b></string>",
        "<string name=\"a\">It's</string>",
        "<string name=\"a\"/>",
        "<string name=\"a\">%2$s</string>",
        "<string-array name=\"a\"/>",
        "stray",
    ] {
        assert!(english(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn files_are_written_once_and_no_kotlin_has_what_is_for_the_iphone_alone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (file, plural) in [(ENGLISH, UNREAD), (ITALIAN, NON_LETTI)] {
        let file = root.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, format!("<resources {X}>{HELD}{plural}<string name=\"ios_only\">a</string></resources>"))
            .unwrap();
    }
    let (english, problems) = write(root, Catalogues::Compared).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(english.entries.len(), 3);
    let pseudo = root.join(KOTLIN_TESTS).join("PseudoStrings.kt");
    assert!(fs::read_to_string(&pseudo).unwrap().contains("[Héld bý ${name}"));
    let interface = root.join(KOTLIN).join("Strings.kt");
    assert!(!fs::read_to_string(&interface).unwrap().contains("iosOnly"));
    let written = fs::metadata(&interface).unwrap().modified().unwrap();
    write(root, Catalogues::Compared).unwrap();
    assert_eq!(fs::metadata(&interface).unwrap().modified().unwrap(), written);
}

#[test]
fn swift_asks_by_the_key_with_the_same_names() {
    let words = english(&format!("<string name=\"default\">a</string>{HELD}{UNREAD}")).unwrap();
    let names = swift::names(&words);
    assert!(names.contains("    public var `default`: String { source.text(\"default\", []) }\n"), "{names}");
    let call = "public func heldBy(name: String, others: Int) -> String { source.text(\"held_by\", [.text(name), .text(String(others))]) }";
    assert!(names.contains(call), "{names}");
    let call = "public func unreadFrom(count: Int, second: String) -> String { source.text(\"unread_from\", [.number(count), .text(second)]) }";
    assert!(names.contains(call), "{names}");
}

#[test]
fn a_catalogue_says_places_and_forms_as_xcode_does() {
    let plural = "<plurals name=\"days\"><item quantity=\"one\">%1$d day, 5%%</item><item quantity=\"other\">%1$d days</item></plurals>";
    let giorni = "<plurals name=\"days\"><item quantity=\"one\">%1$d giorno</item><item quantity=\"many\">%1$d di giorni</item>\
        <item quantity=\"other\">%1$d giorni</item></plurals>";
    let name = "<string name=\"name\" translatable=\"false\">100% P</string>";
    let one = english(&format!("{HELD}{UNREAD}{plural}{name}<string name=\"desktop_tray\">a</string>")).unwrap();
    let other = italian(&format!("{HELD}{NON_LETTI}{giorni}<string name=\"desktop_tray\">a</string>")).unwrap();
    let catalogue = swift::catalogue(&swift::of_apple(&one), &completed(&one, &other));
    let at = |path: &str| catalogue.pointer(path).unwrap_or_else(|| panic!("{path}: {catalogue}")).clone();
    assert_eq!(at("/strings/held_by/localizations/en/stringUnit/value"), "Held by %1$@ and %2$@");
    assert_eq!(at("/strings/days/localizations/it/variations/plural/many/stringUnit/value"), "%1$lld di giorni");
    assert_eq!(at("/strings/days/localizations/en/variations/plural/one/stringUnit/value"), "%1$lld day, 5%%");
    assert_eq!(at("/strings/unread_from/localizations/en/stringUnit/value"), "%#@count@");
    let substituted = "/strings/unread_from/localizations/it/substitutions/count";
    assert_eq!(at(&format!("{substituted}/argNum")), 1);
    assert_eq!(at(&format!("{substituted}/variations/plural/other/stringUnit/value")), "%arg messaggi da %2$@");
    assert_eq!(at("/strings/name/localizations/it/stringUnit/value"), "100% P");
    assert_eq!(at("/strings/name/shouldTranslate"), false);
    assert!(catalogue.pointer("/strings/desktop_tray").is_none());
    assert!(swift::written(&catalogue).unwrap().starts_with("{\n  \"sourceLanguage\" : \"en\",\n"));
}

#[test]
fn a_catalogue_that_says_something_else_is_found_and_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let permissions =
        "<string name=\"ios_permission_camera\">a</string><string name=\"ios_permission_local_network\">b</string>";
    for file in [ENGLISH, ITALIAN] {
        let file = root.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, format!("<resources {X}>{HELD}{permissions}</resources>")).unwrap();
    }
    assert!(write(root, Catalogues::Compared).unwrap().1.is_empty(), "there is no app for the iPhone");
    fs::create_dir_all(root.join(IPHONE)).unwrap();
    assert_eq!(write(root, Catalogues::Compared).unwrap().1.len(), 2);
    assert!(write(root, Catalogues::Written).unwrap().1.is_empty());
    assert!(write(root, Catalogues::Compared).unwrap().1.is_empty());
    let said = fs::read_to_string(root.join(CATALOGUE)).unwrap();
    fs::write(root.join(CATALOGUE), said.replace("Held by", "Kept by")).unwrap();
    let problems = write(root, Catalogues::Compared).unwrap().1;
    assert_eq!(problems, ["ios/App/Localizable.xcstrings is not what the texts say: run `cargo xtask strings`"]);
    assert!(fs::read_to_string(root.join(PERMISSIONS)).unwrap().contains("NSCameraUsageDescription"));
}

/// The value of a row where it was measured last.
fn measured(row: &str) -> f64 {
    let results = std::fs::read_to_string(crate::cargo::workspace_root().join("core/bench/RESULTS.md")).unwrap();
    let mut values = results.lines().filter(|line| line.starts_with(&format!("| `{row}`"))).filter_map(|line| {
        line.split('|').filter_map(|cell| cell.trim().strip_suffix(" B")?.parse::<f64>().ok()).next_back()
    });
    // What was measured last stands first.
    values.next().unwrap()
}

#[test]
fn what_carrying_costs_by_the_settings_is_what_was_measured() {
    let more = measured("control_bytes_per_host_hour_100") - measured("idle_bytes_per_host_hour_100");
    let megabytes = format!("{:.1} MB", more / 1e6);
    for (folder, said) in [("values", megabytes.clone()), ("values-it", megabytes.replace('.', ","))] {
        let file = format!("android/ui/src/main/res/{folder}/strings.xml");
        let text = std::fs::read_to_string(crate::cargo::workspace_root().join(file)).unwrap();
        let help = text.lines().find(|line| line.contains("\"set_carry_help\"")).unwrap();
        assert!(help.contains(&said), "{said}: {help}");
    }
}
