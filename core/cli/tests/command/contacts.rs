//! Contacts out to an address book and in from one.

use std::fs;
use std::thread;

use serde_json::json;

use crate::bot::Bot;
use crate::one_shot::friends;
use crate::process::{World, code, json_lines, permesso, run_to, run_to_error, run_with_input};

const STRANGER: &str = "permesso:dcc0aae3475580b674d36a03cfffc56148b341168a266e8178bb0f1c5dd20a1f";

#[test]
fn friends_go_out_as_cards_and_come_in_as_pinned_contacts() {
    let world = World::new();
    let (ada_id, grace_id) = friends(&world);
    let file = world.path().join("friends.vcf");
    let mut export = world.host("contacts", "Ada", 1);
    // The options of a host come after the task's own.
    let says = run_to(0, contacts(&mut export, "export").arg(&file));
    assert!(says.contains("friends.vcf: 1."), "{says}");
    let cards = fs::read_to_string(&file).unwrap();
    assert!(cards.contains("FN:Grace\r\n") && cards.contains("IMPP;PREF=1:permesso:"), "{cards}");
    let again = run_to_error(1, contacts(&mut world.host("contacts", "Ada", 1), "export").arg(&file));
    assert!(again.contains("is not overwritten"), "{again}");
    assert_eq!(run_to(0, contacts(&mut world.host("contacts", "Ada", 1), "export").arg("-")), cards);

    let mut import = world.host("contacts", "Linus", 3);
    let says = json_lines(&run_to(0, contacts(&mut import, "import").arg(&file).arg("--json")));
    assert_eq!(says, [json!({ "line": 1, "name": "Grace", "host": grace_id, "result": "added" })]);
    let pinned = &json_lines(&run_to(0, world.host("friends", "Linus", 3).arg("--json")))[0];
    assert_eq!((&pinned["state"], &pinned["verified"]), (&json!("unknown"), &json!(false)));
    // Grace knows of nothing, and a card of oneself is told and skipped.
    let mut import = world.host("contacts", "Grace", 2);
    let says = run_to(3, contacts(&mut import, "import").arg(&file));
    assert!(says.contains("skipped: line 1, Grace: that is this host itself"), "{says}");
    assert_ne!(ada_id, grace_id);
}

/// Moves `export` or `import` before the options of the host.
fn contacts<'a>(command: &'a mut std::process::Command, kind: &str) -> &'a mut std::process::Command {
    let arguments: Vec<_> = command.get_args().map(std::ffi::OsStr::to_owned).collect();
    let mut whole = crate::process::permesso(&["contacts", kind]);
    whole.args(arguments.into_iter().skip(1));
    *command = whole;
    command
}

#[test]
fn cards_that_cannot_be_used_are_named_and_the_others_taken_in() {
    let world = World::new();
    let text = format!(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Nobody\nEND:VCARD\nBEGIN:VCARD\nFN:Torn\nNOTE:permesso:abc\nEND:VCARD\n\
         BEGIN:VCARD\nFN:{}\nURL:{STRANGER}\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nFN:Zoë\\, from work\nNOTE:met in May {STRANGER}?alias=Zoe\nEND:VCARD\nBEGIN:VCARD\nFN:Cut\n",
        "x".repeat(65)
    );
    let output = run_with_input(contacts(&mut world.host("contacts", "Ada", 1), "import").arg("-"), &text);
    assert_eq!(code(output.status), 0, "{output:?}");
    let says = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<&str> = says.lines().collect();
    assert_eq!(rows.len(), 5, "{says}");
    assert!(rows[0].contains("line 1, Nobody: it has no permesso: address"), "{says}");
    assert!(rows[1].contains("line 5, Torn: this is not a valid permesso: URI"), "{says}");
    assert!(rows[2].contains("the name has 65 bytes, the limit is 64"), "{says}");
    assert!(rows[3].ends_with("Zoë, from work  added"), "{says}");
    assert!(rows[4].contains("line 18, Cut: the card has no end"), "{says}");
    let friends = run_to(0, &mut world.host("friends", "Ada", 1));
    assert!(friends.contains("Zoë, from work (Zoe)"), "{friends}");
    let none = run_with_input(contacts(&mut world.host("contacts", "Ada", 1), "import").arg("-"), "nothing here");
    assert_eq!((code(none.status), String::from_utf8(none.stdout).unwrap().trim()), (3, "There is no contact in it."));
}

#[test]
fn a_bot_takes_contacts_out_and_in() {
    let world = World::new();
    let mut ada = Bot::start(&world, "Ada", 1);
    let card = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Zoe\r\nIMPP:{STRANGER}\r\nEND:VCARD\r\n");
    let first = ada.ask(json!({ "cmd": "import_contacts", "vcards": card }));
    assert_eq!((&first["contacts"][0]["name"], &first["contacts"][0]["result"]), (&json!("Zoe"), &json!("added")));
    let again = ada.ask(json!({ "cmd": "import_contacts", "vcards": card }));
    assert_eq!(again["contacts"][0]["result"], "known");
    let bad = ada.ask(json!({ "cmd": "import_contacts", "vcards": "BEGIN:VCARD\nFN:Bob\nEND:VCARD\n" }));
    assert_eq!(bad["contacts"], json!([{ "line": 1, "name": "Bob", "host": null, "result": "no_uri" }]));
    let named = ada.ask(json!({ "cmd": "add_contact", "uri": STRANGER, "name": "Somebody else" }));
    assert_eq!(named["host"], first["contacts"][0]["host"]);
    assert_eq!(ada.refused(json!({ "cmd": "add_contact", "uri": "permesso:abc" })), "bad_uri");
    let friends = ada.ask(json!({ "cmd": "friends" }));
    assert_eq!(friends["friends"][0]["local_alias"], "Zoe", "a name that is there stays");
    assert_eq!(friends["friends"][0]["verified"], false);
    let cards = ada.ask(json!({ "cmd": "export_contacts" }));
    assert!(cards["vcards"].as_str().unwrap().contains("FN:Zoe\r\n"));
    ada.end();
}

#[test]
fn an_imported_contact_is_asked_by_the_name_in_the_address_book() {
    let world = World::new();
    let mut grace = Bot::start(&world, "Grace", 2);
    let uri = grace.ask(json!({ "cmd": "uri" }))["uri"].as_str().unwrap().to_owned();
    let card = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Rear Admiral\r\nIMPP:{uri}\r\nEND:VCARD\r\n");
    let book = world.path().join("book.vcf");
    fs::write(&book, card).unwrap();
    let mut import = permesso(&["contacts", "import"]);
    let import = import.arg("--home").arg(world.home("Ada")).arg(&book);
    assert!(run_to(0, import).contains("Rear Admiral"));

    let mut ask = world.host("ask", "Ada", 1);
    ask.args(["--to", "rear admiral", "--wait", "40s"]);
    let asking = thread::spawn(move || run_to(0, &mut ask));
    let request = grace.event("friend_changed", |event| event["state"] == "request_received");
    grace.ask(json!({ "cmd": "answer_friendship", "host": request["host"], "accept": true }));
    assert_eq!(asking.join().unwrap(), "You and Rear Admiral are friends.\n");
}

#[test]
fn a_name_of_two_contacts_asks_neither() {
    let world = World::new();
    let mut cards = String::new();
    for (name, last) in [("One", 2), ("Other", 3)] {
        let mut bot = Bot::start(&world, name, last);
        let uri = bot.ask(json!({ "cmd": "uri" }))["uri"].as_str().unwrap().to_owned();
        cards += &format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Twin\r\nIMPP:{uri}\r\nEND:VCARD\r\n");
        bot.end();
    }
    let book = world.path().join("book.vcf");
    fs::write(&book, cards).unwrap();
    run_to(0, permesso(&["contacts", "import", "--home"]).arg(world.home("Ada")).arg(&book));
    let says = run_to_error(1, world.host("ask", "Ada", 1).args(["--to", "Twin", "--wait", "1s"]));
    assert!(
        says.contains("\"Twin\" may be any of these; give an id:") && says.matches("Twin (").count() == 2,
        "{says}"
    );
}
