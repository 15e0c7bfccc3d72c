use permesso_engine::api::{Event, FriendState, FriendView, MessageState, NameFlag, Notice, Outcome};
use permesso_engine::ids::HostId;
use permesso_engine::rows::{CommitSeq, MessageRow, RecordKey, Table, Write};
use permesso_engine::time::Wall;

use super::*;

const ID: MessageId = MessageId([7; 16]);
const TEXT: &str = "Guten Tag";

fn caps() -> Caps {
    Caps {
        history: 3,
        outbox: 2,
        outbox_others: 1,
        held: 1,
        marks: 4,
        carried_marks: 5,
        custody: 2,
        proofs: 2,
        hosts: 2,
        packets: 2,
        pairings: 1,
    }
}

/// An oracle of two hosts that are friends: friend 1 of each is the other.
fn oracle() -> Oracle {
    let mut oracle = Oracle::new(vec![(caps(), true), (caps(), true)]);
    oracle.learn_friends(0, std::iter::once((FriendId(1), 1)));
    oracle.learn_friends(1, std::iter::once((FriendId(1), 0)));
    oracle
}

fn write(text: String) -> Command {
    Command::SendText { host: HostId::BROADCAST, text }
}

fn row(key: u64, id: MessageId, mine: bool, text: &str) -> MessageRow {
    MessageRow {
        key: MessageKey(key),
        friend: FriendId(1),
        id,
        mine,
        order: key,
        local_time: Wall(0),
        send_time: Wall(0),
        state: if mine { StoredState::Queued } else { StoredState::Delivered },
        unread: !mine,
        parents: Vec::new(),
        text: text.into(),
    }
}

fn commit(oracle: &mut Oracle, host: usize, writes: Vec<Write>) {
    oracle.committed(1, host, &Commit { seq: CommitSeq(1), writes });
}

fn add(oracle: &mut Oracle, host: usize, row: MessageRow) {
    commit(oracle, host, vec![Write::AddMessage(row)]);
}

/// Host 0 wrote a message to host 1 and has stored it.
fn written() -> Oracle {
    let mut oracle = oracle();
    oracle.command_accepted(0, 0, CommandId(1), &write(TEXT.into()), Some(1));
    add(&mut oracle, 0, row(1, ID, true, TEXT));
    oracle
}

/// And host 1 has stored it, too.
fn arrived() -> Oracle {
    let mut oracle = written();
    add(&mut oracle, 1, row(1, ID, false, TEXT));
    oracle
}

fn received(id: MessageId, text: &str) -> Event {
    Event::MessageReceived {
        host: permesso_engine::ids::HostId::BROADCAST,
        key: MessageKey(1),
        message: id,
        text: text.into(),
        send_time: Wall(0),
        local_time: Wall(0),
        gap: false,
    }
}

fn changed(state: MessageState) -> Event {
    let host = permesso_engine::ids::HostId::BROADCAST;
    Event::MessageChanged { host, key: MessageKey(1), message: ID, state, holders: Vec::new(), full: Vec::new() }
}

fn friend_changed(state: FriendState) -> Event {
    Event::FriendChanged(FriendView {
        friend: FriendId(1),
        host: permesso_engine::ids::HostId::BROADCAST,
        state,
        alias: "Ada".into(),
        local_alias: None,
        verified: false,
        has_code: false,
        blocked: false,
        greeting: None,
        flags: vec![NameFlag::SameAsFriend],
        unread: 0,
        online: true,
    })
}

fn broken(oracle: &Oracle) -> Vec<Promise> {
    oracle.violations().iter().map(|violation| violation.promise).collect()
}

#[test]
fn a_message_that_is_written_stored_shown_and_proved_breaks_no_promise() {
    let mut oracle = arrived();
    oracle.event(2, 1, Some(0), &received(ID, TEXT));
    oracle.event(3, 0, Some(1), &changed(MessageState::Delivered));
    oracle.event(3, 0, None, &Event::Done { command: CommandId(1), outcome: Outcome::Stored { message: ID } });
    oracle.finish(1_000_000);
    assert_eq!(broken(&oracle), []);
    assert!(oracle.is_proved(0, 1, TEXT));
    for promise in [Promise::ShownOnce, Promise::Authentic, Promise::DeliveredIsStored, Promise::NothingSilent] {
        assert!(oracle.exercised()[&promise] > 0, "{promise:?}");
    }
}

#[test]
fn a_message_shown_twice_is_caught() {
    let mut oracle = arrived();
    oracle.event(2, 1, Some(0), &received(ID, TEXT));
    oracle.crashed(1);
    oracle.event(3, 1, Some(0), &received(ID, TEXT));
    assert_eq!(broken(&oracle), [Promise::ShownOnce]);
}

#[test]
fn a_message_stored_again_after_its_owner_removed_it_is_caught() {
    let mut oracle = arrived();
    oracle.user_removed(1, ID);
    commit(&mut oracle, 1, vec![Write::RemoveMessage(MessageKey(1))]);
    add(&mut oracle, 1, row(2, ID, false, TEXT));
    assert_eq!(broken(&oracle), [Promise::ShownOnce]);
}

#[test]
fn a_message_nobody_sent_is_caught_when_stored_and_when_shown() {
    let mut oracle = oracle();
    add(&mut oracle, 1, row(1, ID, false, TEXT));
    oracle.event(2, 1, Some(0), &received(ID, TEXT));
    assert_eq!(broken(&oracle), [Promise::Authentic, Promise::Authentic]);
}

#[test]
fn a_text_changed_on_the_way_is_caught() {
    let mut oracle = written();
    add(&mut oracle, 1, row(1, ID, false, "Gute Nacht"));
    assert_eq!(broken(&oracle), [Promise::Authentic]);
}

#[test]
fn an_own_message_that_nobody_wrote_is_caught() {
    let mut oracle = oracle();
    add(&mut oracle, 0, row(1, ID, true, TEXT));
    assert_eq!(broken(&oracle), [Promise::Authentic]);
}

#[test]
fn delivered_before_the_recipient_has_stored_it_is_caught() {
    let mut oracle = written();
    oracle.event(2, 0, Some(1), &changed(MessageState::Delivered));
    assert_eq!(broken(&oracle), [Promise::DeliveredIsStored]);
}

#[test]
fn delivered_in_the_store_before_the_recipient_has_stored_it_is_caught() {
    let mut oracle = written();
    let (key, state) = (MessageKey(1), StoredState::Delivered);
    commit(&mut oracle, 0, vec![Write::UpdateMessage { key, order: 1, state, unread: false }]);
    assert_eq!(broken(&oracle), [Promise::DeliveredIsStored]);
}

#[test]
fn a_store_that_comes_back_with_less_than_it_accepted_is_caught() {
    let mut oracle = arrived();
    oracle.restored(2, 1, 0);
    assert_eq!(broken(&oracle), [Promise::DeliveredIsStored]);
}

#[test]
fn a_message_before_its_parent_is_caught_from_either_side() {
    for late_parent in [false, true] {
        let mut oracle = oracle();
        let child = MessageId([8; 16]);
        oracle.command_accepted(0, 0, CommandId(1), &write("parent".into()), Some(1));
        oracle.command_accepted(0, 0, CommandId(2), &write("child".into()), Some(1));
        let parent_row = MessageRow { order: 9, ..row(1, ID, true, "parent") };
        let child_row = MessageRow { parents: vec![ID], ..row(2, child, true, "child") };
        let rows = if late_parent { [child_row, parent_row] } else { [parent_row, child_row] };
        rows.into_iter().for_each(|row| add(&mut oracle, 0, row));
        assert_eq!(broken(&oracle), [Promise::ParentsFirst]);
    }
}

#[test]
fn one_message_key_with_two_ciphertexts_is_caught_across_a_crash() {
    let mut oracle = oracle();
    oracle.key_used(1, 0, &Encryption::new("chain", 3, "first"));
    oracle.key_used(1, 0, &Encryption::new("chain", 3, "first"));
    oracle.crashed(0);
    assert_eq!(broken(&oracle), []);
    oracle.key_used(2, 0, &Encryption::new("chain", 3, "second"));
    assert_eq!(broken(&oracle), [Promise::KeyUsedOnce]);
}

#[test]
fn every_cap_is_watched() {
    let put = |table, row| Write::Put { key: RecordKey { table, row }, value: vec![], body: None };
    let mark = |friend| move |n| Write::AddMark { friend: FriendId(friend), id: MessageId([n; 16]) };
    let too_much: [Vec<Write>; 9] = [
        (0..2).map(|row| put(Table::Pairing, row)).collect(),
        (0..4).map(|row| put(Table::Outbox, row)).collect(),
        (0..2).map(|row| put(Table::Held, row)).collect(),
        (0..3).map(|row| put(Table::Host, row)).collect(),
        (0..3).map(|row| put(Table::Packet, row)).collect(),
        (0..3).map(|row| put(Table::Custody, row)).collect(),
        (0..3).map(|row| put(Table::Proof, row)).collect(),
        (0..5).map(mark(1)).collect(),
        (0..6).map(mark(u32::MAX)).collect(),
    ];
    for writes in too_much {
        let mut oracle = oracle();
        let last = writes.len() - 1;
        commit(&mut oracle, 0, writes[..last].to_vec());
        assert_eq!(broken(&oracle), []);
        commit(&mut oracle, 0, writes[last..].to_vec());
        assert_eq!(broken(&oracle), [Promise::Bounded]);
    }
}

#[test]
fn more_waiting_messages_than_the_outbox_holds_are_caught() {
    let mut oracle = oracle();
    for n in 1..=3 {
        oracle.command_accepted(0, 0, CommandId(n), &write(n.to_string()), Some(1));
        add(&mut oracle, 0, row(n, MessageId([n as u8; 16]), true, &n.to_string()));
    }
    assert_eq!(broken(&oracle), [Promise::Bounded]);
}

#[test]
fn limits_changed_together_bind_each_of_them() {
    let (history, outbox) = (Setting::HistoryLimit, Setting::OutboxLimit);
    for settings in [[history(9), outbox(1)], [outbox(1), history(9)], [history(1), outbox(9)], [outbox(9), history(1)]]
    {
        let mut oracle = oracle();
        settings.iter().for_each(|setting| oracle.may_store(0, setting));
        oracle.command_accepted(0, 0, CommandId(20), &Command::SetAll { settings: settings.into() }, None);
        oracle.event(2, 0, None, &Event::Done { command: CommandId(20), outcome: Outcome::Done });
        for n in [1, 2] {
            oracle.command_accepted(0, 0, CommandId(n), &write(n.to_string()), Some(1));
            add(&mut oracle, 0, row(n, MessageId([n as u8; 16]), true, &n.to_string()));
        }
        assert_eq!(broken(&oracle), [Promise::Bounded]);
    }
}

#[test]
fn a_limit_changed_at_run_time_binds_what_is_added_after_it_is_done_and_never_before() {
    let set = |oracle: &mut Oracle, number, setting: Setting| {
        oracle.may_store(0, &setting);
        oracle.command_accepted(0, 0, CommandId(number), &Command::Set(setting), None);
    };
    let done = |oracle: &mut Oracle, number| {
        oracle.event(2, 0, None, &Event::Done { command: CommandId(number), outcome: Outcome::Done });
    };
    let write = |oracle: &mut Oracle, n: u8| {
        oracle.command_accepted(0, 0, CommandId(n.into()), &write(n.to_string()), Some(1));
        add(oracle, 0, row(n.into(), MessageId([n; 16]), true, &n.to_string()));
    };
    for (setting, other) in
        [(Setting::HistoryLimit(1), Setting::HistoryLimit(9)), (Setting::OutboxLimit(1), Setting::OutboxLimit(9))]
    {
        let mut oracle = oracle();
        for (number, limit) in [(18, Setting::HistoryLimit(9)), (19, Setting::OutboxLimit(9))] {
            set(&mut oracle, number, limit);
            done(&mut oracle, number);
        }
        set(&mut oracle, 20, setting.clone());
        write(&mut oracle, 1);
        write(&mut oracle, 2);
        assert_eq!(broken(&oracle), [], "not yet done");
        done(&mut oracle, 20);
        assert_eq!(broken(&oracle), [], "what is there stays");
        set(&mut oracle, 21, other);
        write(&mut oracle, 3);
        set(&mut oracle, 22, setting);
        done(&mut oracle, 21);
        assert_eq!(broken(&oracle), []);
        done(&mut oracle, 22);
        write(&mut oracle, 4);
        assert_eq!(broken(&oracle), [Promise::Bounded]);
    }
}

#[test]
fn a_message_dropped_without_a_word_is_caught_at_the_end() {
    let mut oracle = written();
    commit(&mut oracle, 0, vec![Write::RemoveMessage(MessageKey(1))]);
    oracle.finish(1_000);
    assert_eq!(broken(&oracle), []);
    oracle.event(2, 0, None, &Event::Done { command: CommandId(1), outcome: Outcome::Stored { message: ID } });
    oracle.finish(1_000_000);
    assert_eq!(broken(&oracle), [Promise::NothingSilent]);
}

#[test]
fn a_message_dropped_with_a_notice_is_fine() {
    let mut oracle = written();
    commit(&mut oracle, 0, vec![Write::RemoveMessage(MessageKey(1))]);
    let host = permesso_engine::ids::HostId::BROADCAST;
    oracle.event(2, 0, Some(1), &Event::Notice(Notice::HistoryDropped { host, message: ID }));
    oracle.event(2, 0, None, &Event::Done { command: CommandId(1), outcome: Outcome::Stored { message: ID } });
    oracle.finish(1_000_000);
    assert_eq!(broken(&oracle), []);
}

#[test]
fn a_stored_message_that_the_store_has_never_had_is_caught() {
    let mut oracle = oracle();
    oracle.command_accepted(0, 0, CommandId(1), &write(TEXT.into()), Some(1));
    oracle.event(2, 0, None, &Event::Done { command: CommandId(1), outcome: Outcome::Stored { message: ID } });
    assert_eq!(broken(&oracle), [Promise::NothingSilent]);
}

#[test]
fn a_command_that_never_ends_is_caught_and_one_done_twice_too() {
    let mut oracle = oracle();
    oracle.command_accepted(0, 0, CommandId(1), &Command::Join, None);
    oracle.finish(1_000_000);
    assert_eq!(broken(&oracle), [Promise::Contract]);
    let done = Event::Done { command: CommandId(1), outcome: Outcome::Done };
    oracle.event(2, 0, None, &done);
    oracle.event(2, 0, None, &done);
    assert_eq!(broken(&oracle), [Promise::Contract, Promise::Contract]);
}

#[test]
fn a_friend_who_did_not_want_it_is_caught() {
    let mut oracle = oracle();
    oracle.event(1, 0, Some(1), &friend_changed(FriendState::RequestReceived));
    assert_eq!(broken(&oracle), [Promise::Authentic]);
    oracle.user_asked(1, 0);
    oracle.event(2, 0, Some(1), &friend_changed(FriendState::RequestReceived));
    assert_eq!(oracle.violations().len(), 1);
    oracle.event(3, 0, Some(1), &friend_changed(FriendState::Friend));
    assert_eq!(oracle.violations().len(), 2);
    oracle.user_accepted(0, 1);
    oracle.event(4, 0, Some(1), &friend_changed(FriendState::Friend));
    assert_eq!(oracle.violations().len(), 2);
}

#[test]
fn who_asks_under_the_name_of_a_friend_and_is_not_called_so_is_caught() {
    let mut oracle = Oracle::new(vec![(caps(), true), (caps(), true), (caps(), true)]);
    (1..3).for_each(|peer| oracle.user_asked(peer, 0));
    oracle.user_accepted(0, 1);
    let with_flags = |state, flags: &[NameFlag]| match friend_changed(state) {
        Event::FriendChanged(view) => Event::FriendChanged(FriendView { flags: flags.to_vec(), ..view }),
        other => other,
    };
    oracle.event(1, 0, Some(2), &with_flags(FriendState::RequestReceived, &[]));
    oracle.event(2, 0, Some(1), &with_flags(FriendState::Friend, &[]));
    oracle.event(3, 0, Some(2), &with_flags(FriendState::RequestReceived, &[NameFlag::SameAsFriend]));
    assert_eq!(broken(&oracle), []);
    oracle.event(4, 0, Some(2), &with_flags(FriendState::RequestReceived, &[NameFlag::MixedScripts]));
    assert_eq!(broken(&oracle), [Promise::Authentic]);
}

#[test]
fn who_is_called_verified_by_a_code_it_never_saw_is_caught() {
    let shown = |has_code, verified| match friend_changed(FriendState::Ended) {
        Event::FriendChanged(view) => Event::FriendChanged(FriendView { has_code, verified, ..view }),
        other => other,
    };
    let mut oracle = oracle();
    oracle.event(1, 0, Some(1), &shown(true, false));
    oracle.event(2, 0, Some(1), &shown(false, true));
    assert_eq!(broken(&oracle), [Promise::Authentic; 2]);
    oracle.user_scanned(0, 1);
    oracle.event(3, 0, Some(1), &shown(true, true));
    assert_eq!(broken(&oracle), [Promise::Authentic; 3], "that it saw ours does not follow");
    oracle.user_scanned(1, 0);
    oracle.event(4, 0, Some(1), &shown(true, true));
    assert_eq!(broken(&oracle), [Promise::Authentic; 3]);
}

#[test]
fn copies_that_grow_are_caught() {
    let mut oracle = oracle();
    let mut envelope = crate::pen::envelope(
        permesso_engine::envelope::Class::Message,
        permesso_engine::ids::Tag([1; 16]),
        permesso_engine::ids::AckHash([2; 16]),
    );
    envelope.copies = 24;
    (1..=9).for_each(|at| oracle.hand_out(at, 0, 24, &envelope));
    assert_eq!(broken(&oracle), [], "one sealing and its two waves");
    envelope.copies = 1;
    oracle.hand_out(5, 0, 24, &envelope);
    assert_eq!(broken(&oracle), [Promise::CopiesBounded]);
    oracle.copies.arrived(1, &envelope);
    oracle.hand_out(6, 1, 24, &envelope);
    assert_eq!(broken(&oracle), [Promise::CopiesBounded]);
    oracle.hand_out(7, 1, 24, &envelope);
    assert_eq!(broken(&oracle), [Promise::CopiesBounded; 2]);
}

#[test]
fn copies_that_were_refused_are_had_again_once_and_not_by_who_refused_them() {
    let mut oracle = oracle();
    let mut envelope = crate::pen::envelope(
        permesso_engine::envelope::Class::Message,
        permesso_engine::ids::Tag([1; 16]),
        permesso_engine::ids::AckHash([2; 16]),
    );
    let id = envelope.id();
    let name = permesso_engine::ids::EnvelopeName(id.as_bytes()[..8].try_into().unwrap());
    envelope.copies = 27;
    let give = |oracle: &mut Oracle, at| {
        oracle.hand_out(at, 0, 24, &envelope);
        oracle.copies.handed_on(0, 9, &envelope);
        oracle.copies.arrived(1, &envelope);
    };
    (1..=8).for_each(|at| give(&mut oracle, at));
    oracle.copies.taken_back(0, 1, 8, name);
    (0..2).for_each(|_| oracle.copies.taken_back(0, 1, 9, name));
    give(&mut oracle, 9);
    assert_eq!(broken(&oracle), [], "refused on the link on which it went, 216 were given");
    give(&mut oracle, 10);
    assert_eq!(broken(&oracle), [Promise::CopiesBounded]);
    oracle.copies.taken_back(0, 1, 9, name);
    (11..19).for_each(|at| oracle.hand_out(at, 1, 24, &envelope));
    assert_eq!(broken(&oracle), [Promise::CopiesBounded], "who refused twice of ten times has 216");
    oracle.hand_out(19, 1, 24, &envelope);
    assert_eq!(broken(&oracle), [Promise::CopiesBounded; 2]);
}

#[test]
fn copies_beyond_what_a_settled_host_makes_are_caught() {
    let mut oracle = oracle();
    let mut envelope = crate::pen::envelope(
        permesso_engine::envelope::Class::Message,
        permesso_engine::ids::Tag([1; 16]),
        permesso_engine::ids::AckHash([2; 16]),
    );
    envelope.copies = 8;
    (1..=9).for_each(|at| oracle.hand_out(at, 0, 8, &envelope));
    assert_eq!(broken(&oracle), []);
    oracle.hand_out(5, 0, 8, &envelope);
    assert_eq!(broken(&oracle), [Promise::CopiesBounded]);
}

#[test]
fn a_malicious_host_breaks_no_promise_and_what_it_writes_is_its_own() {
    let mut oracle = Oracle::new(vec![(caps(), true), (caps(), false)]);
    oracle.learn_friends(0, std::iter::once((FriendId(1), 1)));
    add(&mut oracle, 0, row(1, ID, false, TEXT));
    oracle.event(2, 0, Some(1), &received(ID, TEXT));
    assert_eq!(broken(&oracle), []);
    oracle.event(3, 0, Some(1), &received(ID, TEXT));
    assert_eq!(broken(&oracle), [Promise::ShownOnce]);
    oracle.check(Promise::Bounded, 4, 1, Some("anything".into()));
    assert_eq!(broken(&oracle), [Promise::ShownOnce]);
}
