//! What the door exports, and that nothing the host can do is out of reach.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, Meta, Signature, TraitItem, UseTree, Visibility};

/// The committed listing, beside the crate's manifest.
const LISTING: &str = "api.txt";

/// What of the host's API an app reaches by which call of the door.
const API: &[(&str, &str)] = &[
    ("Node::open", "Host.open"),
    ("Node::open_with_events", "Host.open"),
    ("Node::events", "Host.events"),
    ("Node::import", "import_account"),
    ("Node::start", "Host.start"),
    ("Node::pause", "Host.pause"),
    ("Node::resume", "Host.resume"),
    ("Node::leave", "Host.leave"),
    ("Node::stop", "Host.stop"),
    // Each command of the engine has a call of its own.
    ("Node::command", "Host.send"),
    ("Node::search", "Host.search"),
    ("Node::doctor", "Host.examine_network"),
    ("Node::ask_friendship", "Host.ask_friendship"),
    ("Node::answer_friendship", "Host.accept_friendship"),
    ("Node::cancel_ask", "Host.cancel_request"),
    ("Node::end_friendship", "Host.end_friendship"),
    ("Node::block", "Host.block"),
    ("Node::unblock", "Host.unblock"),
    ("Node::set_local_alias", "Host.set_local_alias"),
    ("Node::set_verified", "Host.set_verified"),
    ("Node::scan_uri", "Host.scan_uri"),
    ("Node::renew_code", "Host.renew_code"),
    ("Node::send", "Host.send"),
    ("Node::retry", "Host.resend"),
    ("Node::cancel", "Host.cancel"),
    ("Node::mark_read", "Host.mark_read"),
    ("Node::delete_message", "Host.delete_message"),
    ("Node::set", "Host.change_settings"),
    ("Node::wait_for_state", "Host.wait_for_fate"),
    ("Node::wait_for_fate", "Host.wait_for_fate"),
    ("Node::host_id", "Host.id"),
    ("Node::identity_key", "Host.identity_key"),
    ("Node::is_restored_copy", "Host.is_restored_copy"),
    ("Node::uri", "Host.uri"),
    ("Node::addresses", "Host.addresses"),
    ("Node::hosts", "Host.hosts"),
    ("Node::friends", "Host.friends"),
    ("Node::friend", "Host.friend"),
    ("Node::unread", "Host.friend"),
    ("Node::safety_number", "Host.safety_number"),
    ("Node::settings", "Host.settings"),
    ("Node::changed_settings", "Host.changed_settings"),
    ("Node::packets", "Host.packets"),
    ("Node::carrying", "Host.statistics"),
    ("Node::counters", "Host.counters"),
    ("Node::custody", "Host.statistics"),
    ("Node::messages", "Host.messages"),
    ("Node::message", "Host.message"),
    ("Node::full_servers", "Host.full_servers"),
    ("Node::holders", "Host.holders"),
    ("Node::search_history", "Host.search_messages"),
    ("Node::peer_found", "Host.peer_found"),
    ("Node::set_interfaces", "Host.set_network_addresses"),
    ("Node::open_host_link", "Host.open_host_link"),
    ("Node::contacts", "Host.contacts"),
    ("Node::export_contacts", "Host.export_contacts"),
    ("Node::import_contacts", "Host.import_contacts"),
    ("Node::export", "Host.export_account"),
    ("rescue", "rescue"),
    ("erase", "erase"),
    ("EventStream::next", "EventReader.next_events"),
    ("EventStream::try_next", "EventReader.next_events"),
    ("HostLinkPort::receive", "HostLink.receive"),
    ("HostLinkPort::is_open", "HostLink.is_open"),
    ("HostLinkPort::close", "HostLink.end"),
    ("NodeConfig::new", "Host.open"),
    ("Config::server", "Host.open"),
    ("Config::parsed", "Host.open"),
    ("Config::check", "Host.open"),
    ("Config::default_toml", "default_parameters"),
    ("Config::default_toml_italian", "default_parameters"),
    ("FriendView::name", "Host.friends"),
    ("ContactView::name", "Host.contacts"),
    ("HistoryMessage::place", "Host.messages"),
    ("names::flags", "Host.friends"),
];

/// What an app need not reach, and why.
const NOT_FOR_APPS: &[(&str, &[&str])] = &[
    (
        "the number that shows an older copy of the database stands in a file beside the host's folder; another place for it is for \
         computers, where folder and file may be restored together",
        &[
            "NodeConfig::with_generation",
            "GenerationFile::at",
            "GenerationFile::beside",
            "GenerationFile::remove",
            "Generation::plus",
        ],
    ),
    (
        "the database is the host's alone: an app opens, imports, rescues and erases it as a whole",
        &[
            "Claim::remove_folder",
            "Claim::wipe",
            "Store::claim",
            "Store::claim_new",
            "Store::commit",
            "Store::exists",
            "Store::import",
            "Store::look_for_room",
            "Store::open",
            "Store::pause",
            "Store::queued",
            "Store::reader",
            "Store::rescue",
            "Store::resume",
            "Store::salt",
            "Store::wipe",
        ],
    ),
    (
        "the key is kept by the app's KeyStore, which is given it whole; a passphrase seals it there",
        &["Key::as_bytes", "Key::from_bytes", "Key::from_passphrase", "Key::generate"],
    ),
    (
        "the file of a command line's configuration, key by key; an app has the text of it, and Settings",
        &[
            "Config::engine",
            "Config::load",
            "Config::loaded",
            "Config::parameter",
            "Config::parameters",
            "Config::parameters_of",
            "Config::parse",
            "Config::value",
            "ConfigError::key",
            "ConfigError::without_line",
            "ConfigError::wrong_value",
            "ChangedSettings::in_force",
            "Command::settings",
            "Setting::checked",
        ],
    ),
    (
        "values are texts and numbers over there, with the ways their languages have to compute with them",
        &[
            "HostId::as_bytes",
            "HostId::as_uuid",
            "HostId::from_uuid",
            "HostId::names_one_host",
            "HostId::short",
            "Millis::from_days",
            "Millis::from_hours",
            "Millis::from_minutes",
            "Millis::from_secs",
            "InterfaceAddress::broadcast",
            "InterfaceAddress::is_link_local",
            "InterfaceAddress::reaches",
            "DoctorReport::leads_to_somebody",
            "ContactView::known_name",
            "ContactView::of_record",
            "FriendView::known_name",
        ],
    ),
    (
        "what a terminal needs to show and to ask for names; a friend comes with what to look out for in its name",
        &["names::hidden", "names::is_blank", "names::matches", "names::normalize"],
    ),
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
    let abilities = abilities();
    let reached = API.iter().map(|(ability, _)| *ability);
    let left_out = NOT_FOR_APPS.iter().flat_map(|(_, abilities)| abilities.iter().copied());
    let mut listed = BTreeSet::new();
    for ability in reached.chain(left_out) {
        assert!(listed.insert(ability.to_owned()), "{ability} twice");
    }
    let unknown: Vec<_> = abilities.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&abilities).collect();
    assert!(unknown.is_empty() && gone.is_empty(), "in neither table: {unknown:#?}\nno longer there: {gone:#?}");
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

/// What can be called of what `permesso-node` makes public: functions, those of types (`Type::function`), those of public modules.
fn abilities() -> BTreeSet<String> {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core");
    let public = Public::of(&parsed(&core.join("node/src/lib.rs")));
    let mut found = BTreeSet::new();
    for folder in ["node/src", "store/src", "engine/src"] {
        for file in sources(&core.join(folder)) {
            let module = file.file_stem().unwrap().to_string_lossy().into_owned();
            if !public.conditional.contains(&module) {
                parsed(&file).items.iter().for_each(|item| public.abilities_of(item, &module, &mut found));
            }
        }
    }
    found
}

/// What a crate's first file makes public.
#[derive(Default)]
struct Public {
    names: BTreeSet<String>,
    modules: BTreeSet<String>,
    /// Modules that are there in tests or with a feature alone.
    conditional: BTreeSet<String>,
}

impl Public {
    fn of(file: &syn::File) -> Self {
        let mut public = Self::default();
        for item in &file.items {
            match item {
                Item::Use(one) if is_public(&one.vis) && !is_conditional(&one.attrs) => public.take(&one.tree),
                Item::Mod(one) if is_conditional(&one.attrs) => {
                    public.conditional.insert(one.ident.to_string());
                }
                Item::Mod(one) if is_public(&one.vis) => {
                    public.modules.insert(one.ident.to_string());
                }
                _ => {}
            }
        }
        public
    }

    /// The last names of a `use`; a module taken with what is in it is public itself.
    fn take(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                if let UseTree::Group(group) = &*path.tree
                    && group.items.iter().any(|one| matches!(one, UseTree::Name(name) if name.ident == "self"))
                {
                    self.modules.insert(path.ident.to_string());
                }
                self.take(&path.tree);
            }
            UseTree::Group(group) => group.items.iter().for_each(|one| self.take(one)),
            UseTree::Name(name) if name.ident != "self" => {
                self.names.insert(name.ident.to_string());
            }
            UseTree::Name(_) => {}
            UseTree::Rename(_) | UseTree::Glob(_) => panic!("{} needs to be read too", text(tree)),
        }
    }

    fn abilities_of(&self, item: &Item, module: &str, found: &mut BTreeSet<String>) {
        match item {
            Item::Fn(function) if is_public(&function.vis) && !is_conditional(&function.attrs) => {
                let name = function.sig.ident.to_string();
                if self.modules.contains(module) || self.names.contains(module) && module != name {
                    found.insert(format!("{module}::{name}"));
                } else if self.names.contains(&name) {
                    found.insert(name);
                }
            }
            Item::Impl(block) if block.trait_.is_none() && !is_conditional(&block.attrs) => {
                let of = text(&block.self_ty);
                let functions = block.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(one) if is_public(&one.vis) && !is_conditional(&one.attrs) => Some(&one.sig.ident),
                    _ => None,
                });
                if self.names.contains(&of) {
                    found.extend(functions.map(|name| format!("{of}::{name}")));
                }
            }
            _ => {}
        }
    }
}

/// The Rust files of a folder and those below it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

fn parsed(file: &Path) -> syn::File {
    syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Only in tests, or with a feature.
fn is_conditional(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg"))
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
    let is_public = |field: &&syn::Field| is_public(&field.vis);
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
