//! What the door exports, and that nothing the host can do is out of reach.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, Meta, Signature, TraitItem};

/// The committed listing, beside the crate's manifest.
const LISTING: &str = "api.txt";

/// What of the host's API an app reaches by which call of the door.
const API: &[(&str, &str)] = &[
    ("open", "Host.open"),
    ("open_with_events", "Host.open"),
    ("events", "Host.events"),
    ("import", "import_account"),
    ("start", "Host.start"),
    ("pause", "Host.pause"),
    ("resume", "Host.resume"),
    ("leave", "Host.leave"),
    ("stop", "Host.stop"),
    // Each command of the engine has a call of its own.
    ("command", "Host.send"),
    ("search", "Host.search"),
    ("doctor", "Host.examine_network"),
    ("ask_friendship", "Host.ask_friendship"),
    ("answer_friendship", "Host.accept_friendship"),
    ("cancel_ask", "Host.cancel_request"),
    ("end_friendship", "Host.end_friendship"),
    ("block", "Host.block"),
    ("unblock", "Host.unblock"),
    ("set_local_alias", "Host.set_local_alias"),
    ("set_verified", "Host.set_verified"),
    ("scan_uri", "Host.scan_uri"),
    ("renew_code", "Host.renew_code"),
    ("send", "Host.send"),
    ("retry", "Host.resend"),
    ("cancel", "Host.cancel"),
    ("mark_read", "Host.mark_read"),
    ("delete_message", "Host.delete_message"),
    ("set", "Host.change_settings"),
    ("wait_for_state", "Host.wait_for_fate"),
    ("wait_for_fate", "Host.wait_for_fate"),
    ("host_id", "Host.id"),
    ("identity_key", "Host.identity_key"),
    ("is_restored_copy", "Host.is_restored_copy"),
    ("uri", "Host.uri"),
    ("addresses", "Host.addresses"),
    ("hosts", "Host.hosts"),
    ("friends", "Host.friends"),
    ("friend", "Host.friend"),
    ("unread", "Host.friend"),
    ("safety_number", "Host.safety_number"),
    ("settings", "Host.settings"),
    ("changed_settings", "Host.changed_settings"),
    ("packets", "Host.packets"),
    ("carrying", "Host.statistics"),
    ("counters", "Host.counters"),
    ("custody", "Host.statistics"),
    ("messages", "Host.messages"),
    ("message", "Host.message"),
    ("full_servers", "Host.full_servers"),
    ("holders", "Host.holders"),
    ("search_history", "Host.search_messages"),
    ("peer_found", "Host.peer_found"),
    ("set_interfaces", "Host.set_network_addresses"),
    ("open_host_link", "Host.open_host_link"),
    ("contacts", "Host.contacts"),
    ("export_contacts", "Host.export_contacts"),
    ("import_contacts", "Host.import_contacts"),
    ("export", "Host.export_account"),
];

/// Which call carries out which command of the engine.
const COMMANDS: &[(&str, &str)] = &[
    ("Join", "Host.start"),
    ("Leave", "Host.leave"),
    ("Set", "Host.change_settings"),
    ("SetAll", "Host.change_settings"),
    ("Search", "Host.search"),
    ("Examine", "Host.examine_network"),
    ("AskFriendship", "Host.ask_friendship"),
    ("AnswerFriendship", "Host.refuse_friendship"),
    ("CancelAsk", "Host.cancel_request"),
    ("EndFriendship", "Host.end_friendship"),
    ("Block", "Host.block"),
    ("Unblock", "Host.unblock"),
    ("SetLocalAlias", "Host.set_local_alias"),
    ("SetVerified", "Host.set_verified"),
    ("ScanUri", "Host.scan_uri"),
    ("RenewCode", "Host.renew_code"),
    ("AddContact", "Host.import_contacts"),
    ("SendText", "Host.send"),
    ("Retry", "Host.resend"),
    ("Cancel", "Host.cancel"),
    ("MarkRead", "Host.mark_read"),
    ("DeleteMessage", "Host.delete_message"),
];

#[test]
fn what_is_exported_is_what_the_committed_listing_says() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let exported = listing().join("\n") + "\n";
    if std::env::var_os("PERMESSO_WRITE_LISTINGS").is_some() {
        std::fs::write(manifest.join(LISTING), &exported).unwrap();
    }
    let committed = std::fs::read_to_string(manifest.join(LISTING)).unwrap_or_default();
    let (now, then): (BTreeSet<_>, BTreeSet<_>) = (exported.lines().collect(), committed.lines().collect());
    let news: Vec<_> = now.difference(&then).collect();
    let gone: Vec<_> = then.difference(&now).collect();
    assert_eq!(
        exported, committed,
        "new: {news:#?}\ngone: {gone:#?}\nif that is meant, run with PERMESSO_WRITE_LISTINGS=1"
    );
}

#[test]
fn every_ability_of_the_host_is_one_of_the_door_s() {
    let sources = [
        include_str!("../../../core/node/src/node.rs"),
        include_str!("../../../core/node/src/account.rs"),
        include_str!("../../../core/node/src/contacts.rs"),
    ];
    let abilities: BTreeSet<String> = sources.into_iter().flat_map(abilities_of_node).collect();
    let listed: BTreeSet<String> = API.iter().map(|(ability, _)| (*ability).to_owned()).collect();
    assert_eq!(abilities, listed, "what the host can do, and what the door is known to reach");
    let calls = calls();
    for (ability, call) in API {
        assert!(calls.contains(*call), "{ability} by {call}");
    }
}

#[test]
fn every_command_of_the_engine_is_a_call_of_the_door_s() {
    let source = syn::parse_file(include_str!("../../../core/engine/src/api/commands.rs")).unwrap();
    let commands: BTreeSet<String> = source
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Enum(one) if one.ident == "Command" => Some(one),
            _ => None,
        })
        .flat_map(|one| one.variants.iter().map(|variant| variant.ident.to_string()))
        .collect();
    let listed: BTreeSet<String> = COMMANDS.iter().map(|(command, _)| (*command).to_owned()).collect();
    assert_eq!(commands, listed);
    let calls = calls();
    for (command, call) in COMMANDS {
        assert!(calls.contains(*call), "{command} by {call}");
    }
}

/// The names of everything that can be called.
fn calls() -> BTreeSet<String> {
    listing().iter().filter_map(|line| Some(line.strip_prefix("fn ")?.split('(').next()?.to_owned())).collect()
}

/// The public functions of `impl Node` in a source.
fn abilities_of_node(source: &str) -> Vec<String> {
    let file = syn::parse_file(source).unwrap();
    let blocks = file.items.into_iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && text(&block.self_ty) == "Node" => Some(block),
        _ => None,
    });
    blocks
        .flat_map(|block| block.items)
        .filter_map(|item| match item {
            ImplItem::Fn(function) if matches!(function.vis, syn::Visibility::Public(_)) => {
                Some(function.sig.ident.to_string())
            }
            _ => None,
        })
        .collect()
}

/// Everything exported: calls with their signatures, records with their fields, enums with their variants.
fn listing() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap();
        file.items.iter().for_each(|item| list(item, &mut lines));
    }
    lines.sort();
    lines
}

fn list(item: &Item, lines: &mut Vec<String>) {
    match item {
        Item::Fn(function) if is_exported(&function.attrs) => lines.push(call("", &function.sig)),
        Item::Impl(block) if is_exported(&block.attrs) => {
            let prefix = format!("{}.", text(&block.self_ty));
            lines.extend(block.items.iter().filter_map(|item| match item {
                ImplItem::Fn(function) => Some(call(&prefix, &function.sig)),
                _ => None,
            }));
        }
        Item::Trait(one) if is_exported(&one.attrs) => {
            lines.extend(one.items.iter().filter_map(|item| match item {
                TraitItem::Fn(function) => Some(call(&format!("{}.", one.ident), &function.sig)),
                _ => None,
            }));
        }
        Item::Struct(one) if derives_uniffi(&one.attrs) => {
            lines.push(format!("struct {}{}", one.ident, fields(&one.fields, true)));
        }
        Item::Enum(one) if derives_uniffi(&one.attrs) => {
            lines.extend(
                one.variants
                    .iter()
                    .map(|variant| format!("enum {}.{}{}", one.ident, variant.ident, fields(&variant.fields, false))),
            );
        }
        _ => {}
    }
}

fn call(prefix: &str, signature: &Signature) -> String {
    let inputs: Vec<String> = signature.inputs.iter().map(text).collect();
    let wait = if signature.asyncness.is_some() { " async" } else { "" };
    format!("fn {prefix}{}({}){wait} {}", signature.ident, inputs.join(", "), text(&signature.output))
        .trim_end()
        .to_owned()
}

/// The public fields of a record (an object has none), or every field of a variant.
fn fields(fields: &Fields, of_struct: bool) -> String {
    let is_public = |field: &&syn::Field| matches!(field.vis, syn::Visibility::Public(_));
    let is_seen = |field: &&syn::Field| !of_struct || is_public(field);
    let named: Vec<String> = fields
        .iter()
        .filter(is_seen)
        .map(|field| format!("{}: {}", field.ident.as_ref().unwrap(), text(&field.ty)))
        .collect();
    if named.is_empty() { String::new() } else { format!(" {{ {} }}", named.join(", ")) }
}

fn is_exported(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| text(attribute.path()) == "uniffi::export")
}

fn derives_uniffi(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("derive") && list.tokens.to_string().contains("uniffi"),
        _ => false,
    })
}

/// Code as one writes it, near enough.
fn text(code: &impl ToTokens) -> String {
    let spaced = code.to_token_stream().to_string();
    [(" :: ", "::"), (" < ", "<"), (" >", ">"), ("& ", "&"), (" ,", ","), (" : ", ": "), ("( ", "("), (" )", ")")]
        .iter()
        .fold(spaced, |text, (from, to)| text.replace(from, to))
}
