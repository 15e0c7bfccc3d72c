//! Two hosts as this version stored them, with something in every table: later versions must go on from there.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod pair;

use std::fmt::Write as _;
use std::path::PathBuf;

use pair::{MINUTE, Pair};
use permesso_engine::envelope::Envelope;
use permesso_engine::frame::Frame;
use permesso_engine::ids::{FriendId, MessageId, MessageKey, Tag};
use permesso_engine::rows::{Commit, CommitSeq, MessageRow, RecordKey, StoredState, Table, Write};
use permesso_engine::time::Wall;
use permesso_sim::memory::MemoryStore;

/// What each form of the records had no table for yet.
const FORMS: [(u32, &[Table]); 3] = [(1, &[Table::Custody, Table::Proof]), (2, &[Table::Proof]), (3, &[])];
const STATES: [StoredState; 8] = [
    StoredState::Queued,
    StoredState::Held,
    StoredState::Delivered,
    StoredState::Read,
    StoredState::FailedExpired,
    StoredState::FailedEnded,
    StoredState::FailedCancelled,
    StoredState::FailedDropped,
];

fn path(host: usize, form: u32) -> PathBuf {
    let name = format!("{}-{form}.txt", ["ada", "grace"][host]);
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(digit).collect()
}

/// One line for each record, message and mark.
fn written(store: &MemoryStore) -> String {
    let snapshot = store.snapshot();
    let mut text = String::new();
    for (key, value) in snapshot.records.iter() {
        let body = store.body(key).map_or("-".into(), |body| format!("x{}", hex(&body)));
        writeln!(text, "record {:?} {} x{} {body}", key.table, key.row, hex(value)).unwrap();
    }
    for index in &snapshot.messages {
        let row = store.message(index.key).unwrap();
        let state = STATES.iter().position(|state| *state == row.state).unwrap();
        let parents: String = row.parents.iter().map(|parent| hex(parent.as_bytes())).collect();
        let MessageRow { key, friend, id, mine, order, local_time, send_time, unread, text: words, .. } = row;
        let (key, friend, local_time, send_time) = (key.0, friend.0, local_time.0, send_time.0);
        write!(text, "message {key} {friend} {id} {mine} {order} {local_time} {send_time} {state} {unread} ").unwrap();
        writeln!(text, "x{parents} x{}", hex(words.as_bytes())).unwrap();
    }
    for (friend, message) in &snapshot.marks {
        writeln!(text, "mark {} {message}", friend.0).unwrap();
    }
    text
}

fn read(text: &str) -> MemoryStore {
    let mut store = MemoryStore::new();
    let writes = text.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words[at].parse::<u64>().unwrap();
        let bytes = |at: usize| unhex(words[at].strip_prefix('x').unwrap());
        match words[0] {
            "record" => {
                let table = Table::ALL.into_iter().find(|table| format!("{table:?}") == words[1]).unwrap();
                let body = (words[4] != "-").then(|| bytes(4));
                Write::Put { key: RecordKey { table, row: number(2) }, value: bytes(3), body }
            }
            "message" => Write::AddMessage(MessageRow {
                key: MessageKey(number(1)),
                friend: FriendId(number(2) as u32),
                id: words[3].parse().unwrap(),
                mine: words[4] == "true",
                order: number(5),
                local_time: Wall(number(6)),
                send_time: Wall(number(7)),
                state: STATES[number(8) as usize],
                unread: words[9] == "true",
                parents: bytes(10).as_chunks().0.iter().copied().map(MessageId).collect(),
                text: String::from_utf8(bytes(11)).unwrap(),
            }),
            "mark" => Write::AddMark { friend: FriendId(number(1) as u32), id: words[2].parse().unwrap() },
            other => panic!("{other}"),
        }
    });
    store.apply(Commit { seq: CommitSeq(1), writes: writes.collect() });
    store
}

/// A conversation in the middle: read and unread, delivered and waiting, and one ciphertext held for its turn.
fn conversation() -> Pair {
    let mut pair = Pair::friends();
    pair.write(0, "Hello");
    pair.write(1, "Hello to you");
    pair.advance(MINUTE);
    // Fifty do not arrive, the one after them does: Grace holds it.
    let count = std::rc::Rc::new(std::cell::Cell::new(0));
    let seen = std::rc::Rc::clone(&count);
    let caught = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let keep = std::rc::Rc::clone(&caught);
    pair.air = Box::new(move |from, envelope| {
        let number = count.get() + usize::from(from == 0);
        count.set(number);
        keep.borrow_mut().push(envelope.clone());
        (from != 0 || number > 50).then_some(envelope)
    });
    for number in 0..51 {
        pair.write(0, &format!("number {number}"));
    }
    assert_eq!(seen.get(), 51);
    // Grace carries something for somebody else.
    let carried = Envelope { tag: Tag([9; 16]), lifetime: 604_800, ..caught.borrow().last().unwrap().clone() };
    pair.inject(1, &Frame::Forward(vec![carried]));
    pair.switch_off(1);
    pair.write(0, "Are you there?");
    pair.switch_off(0);
    pair
}

#[test]
fn hosts_that_this_version_stored_go_on_from_there_in_every_later_one() {
    // To make the fixture of another form: add it above, and set this to its number.
    if let Ok(form) = std::env::var("PERMESSO_WRITE_FIXTURE") {
        let pair = conversation();
        for host in [0, 1] {
            std::fs::write(path(host, form.parse().unwrap()), written(&pair.hosts[host].store)).unwrap();
        }
    }
    FORMS.into_iter().for_each(|(form, missing)| go_on_from(form, missing));
}

fn go_on_from(form: u32, missing: &[Table]) {
    let stores = [0, 1].map(|host| read(&std::fs::read_to_string(path(host, form)).unwrap()));
    for table in Table::ALL.into_iter().filter(|table| !missing.contains(table)) {
        let rows = stores.iter().map(|store| store.snapshot().records.of(table).count());
        assert!(rows.sum::<usize>() > 0, "nothing stands in {table:?}");
    }
    let mut pair = Pair::new();
    for (host, store) in stores.into_iter().enumerate() {
        pair.switch_off(host);
        pair.switch_on(host, Some(store));
    }
    pair.advance(5 * MINUTE);
    assert_eq!([pair.state(0), pair.state(1)], [permesso_engine::api::FriendState::Friend; 2]);
    let expected = ["Hello", "Hello to you"].map(String::from).into_iter();
    let expected: Vec<_> =
        expected.chain((0..51).map(|n| format!("number {n}"))).chain(["Are you there?".into()]).collect();
    assert_eq!([pair.texts(0), pair.texts(1)], [expected.clone(), expected]);
    assert!(pair.history(0).iter().filter(|row| row.mine).all(|row| row.state == StoredState::Delivered));
    let message = pair.write(1, "Here I am");
    pair.advance(MINUTE);
    assert_eq!(pair.fate(1, message), StoredState::Delivered);
}
