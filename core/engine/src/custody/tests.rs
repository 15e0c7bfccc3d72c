use super::kept::HOST_LENGTH;
use super::*;
use crate::envelope::Class;
use crate::ids::Tag;
use crate::time::Millis;

const OWN: HostId = HostId::BROADCAST;
const ADA: Depositor = Depositor { host: HostId::PERSISTENT_SERVER, friend: false };
const NOW: Wall = Wall(1_000_000);

fn envelope(number: u64, lifetime: u32, copies: u16) -> Envelope {
    let mut ack = [0; 16];
    ack[..8].copy_from_slice(&number.to_be_bytes());
    let body = vec![7; 100];
    let (tag, ack_hash) = (Tag([number as u8; 16]), AckHash(ack));
    Envelope { class: Class::Message, tag, ack_hash, body, lifetime, copies, best: 0, stamp: 0 }
}

fn small() -> CustodyConfig {
    CustodyConfig { envelopes_max: 10, friend_envelopes: 8, stranger_envelopes: 3, ..CustodyConfig::default() }
}

fn friend(number: u8) -> Depositor {
    let mut bytes = [number; 16];
    bytes[6] = 0x80;
    Depositor { host: HostId::from_uuid(uuid::Uuid::from_bytes(bytes)), friend: true }
}

fn add(custody: &mut Custody, envelope: &Envelope, from: Depositor, config: &CustodyConfig) -> Taken {
    custody.add(envelope, from, OWN, NOW, config, &mut Gate::default())
}

#[test]
fn an_envelope_is_found_by_what_it_is_what_proves_it_and_who_wants_it() {
    let (mut custody, config) = (Custody::default(), small());
    let envelope = envelope(5, 60, 3);
    assert_eq!(add(&mut custody, &envelope, ADA, &config), Taken::Stored(0));
    assert_eq!(add(&mut custody, &envelope, friend(1), &config), Taken::Here);
    assert!(custody.has(prefix(envelope.id().as_bytes())));
    assert_eq!(custody.by_ack(envelope.ack_hash), [0]);
    assert_eq!(custody.by_want(want_of(&envelope.tag, OWN)), [0]);
    assert!(custody.by_want(want_of(&envelope.tag, HostId::PERSISTENT_SERVER)).is_empty());
    custody.remove(0, &mut Gate::default());
    assert!(!custody.has(prefix(envelope.id().as_bytes())) && custody.by_ack(envelope.ack_hash).is_empty());
    assert_eq!((custody.len(), custody.bytes(), custody.arrivals()), (0, 0, 1));
}

#[test]
fn a_depositor_has_its_quota_and_gets_it_back() {
    let (mut custody, config) = (Custody::default(), small());
    for number in 0..3 {
        assert_eq!(add(&mut custody, &envelope(number, 60, 0), ADA, &config), Taken::Stored(number as u32));
    }
    assert_eq!(add(&mut custody, &envelope(3, 60, 0), ADA, &config), Taken::Refused(NoRoom::Quota));
    assert_eq!(add(&mut custody, &envelope(3, 60, 0), friend(1), &config), Taken::Stored(3));
    custody.remove(1, &mut Gate::default());
    assert_eq!(add(&mut custody, &envelope(4, 60, 0), ADA, &config), Taken::Stored(1));
}

#[test]
fn a_depositor_has_no_other_quota_after_a_restart() {
    let (mut before, config, mut gate) = (Custody::default(), small(), Gate::default());
    for number in 0..3 {
        before.add(&envelope(number, 60, 4), ADA, OWN, NOW, &config, &mut gate);
    }
    before.set_copies(1, 2, 9, &mut gate);
    let (mut after, mut records) = (Custody::default(), Vec::new());
    for (slot, kept) in before.slots() {
        records.push((u64::from(slot), kept.record(before.hosts.get(&kept.depositor))));
    }
    // One of a version that did not yet note who it came from.
    let (_, old) = records.last_mut().unwrap();
    old.truncate(Kept::LENGTH - HOST_LENGTH);
    for (row, record) in &records {
        after.restore(*row, record).unwrap();
    }
    after.restored(&config, &mut gate);
    assert_eq!(after.depositors(), 1);
    assert_eq!(after.get(1).map(|kept| (kept.copies, kept.best)), Some((2, 9)));
    assert_eq!(after.room_for(ADA, &config).envelopes, 1);
    for (number, taken) in [(3, Taken::Stored(3)), (4, Taken::Refused(NoRoom::Quota))] {
        assert_eq!(add(&mut after, &envelope(number, 60, 0), ADA, &config), taken);
    }
    records[0].1.truncate(40);
    assert_eq!(Custody::default().restore(0, &records[0].1), None, "a part of an id is damage");
}

#[test]
fn what_is_said_to_be_free_is_what_is_taken() {
    let config = CustodyConfig { stranger_envelopes: 100, ..small() };
    for (from, is_server) in [(ADA, false), (friend(1), false), (ADA, true)] {
        let (mut custody, config) = (Custody::default(), CustodyConfig { is_server, ..config.clone() });
        let mut taken = Vec::new();
        for number in 0..20 {
            let room = custody.room_for(from, &config).envelopes;
            let refused = custody.no_room(from, 160, Usage::default(), &config);
            assert_eq!(room > 0, refused.is_none(), "{number}");
            taken.push(room);
            add(&mut custody, &envelope(number, 60, 0), from, &config);
        }
        let most = [5, 8, 10][usize::from(from.friend) + 2 * usize::from(is_server)];
        assert_eq!(taken[..=most], Vec::from_iter((0..=most as u32).rev()));
    }
}

#[test]
fn strangers_fill_half_of_a_client_and_all_of_a_server() {
    let config = CustodyConfig { stranger_envelopes: 100, ..small() };
    let (mut client, mut server) = (Custody::default(), Custody::default());
    let taken = |custody: &mut Custody, config: &CustodyConfig| {
        (0..20).filter(|n| matches!(add(custody, &envelope(*n, 60, 0), ADA, config), Taken::Stored(_))).count()
    };
    assert_eq!(taken(&mut client, &config), 5);
    assert_eq!(taken(&mut server, &CustodyConfig { is_server: true, ..config }), 10);
}

#[test]
fn a_full_client_drops_strangers_first_then_what_was_handed_on_then_what_has_many_copies() {
    let (mut custody, config) = (Custody::default(), CustodyConfig { stranger_envelopes: 100, ..small() });
    let friends = (0..4_u64).map(|n| (envelope(n, 600, [5, 0, 9, 1][n as usize]), friend(n as u8)));
    let strangers = (10..15_u64).map(|n| (envelope(n, 70 - n as u32, 4), ADA));
    for (envelope, from) in friends.chain(strangers) {
        assert!(matches!(add(&mut custody, &envelope, from, &config), Taken::Stored(_)));
    }
    let mut gone = Vec::new();
    for number in 100..109 {
        let before: BTreeSet<_> = custody.slots().map(|(_, kept)| kept.ack).collect();
        add(&mut custody, &envelope(number, 6_000, 0), friend(number as u8), &config);
        let after: BTreeSet<_> = custody.slots().map(|(_, kept)| kept.ack).collect();
        gone.extend(before.difference(&after).copied());
    }
    assert_eq!(gone[..6], [14, 13, 12, 11, 10, 1]);
    assert!(custody.len() <= 10);
}

#[test]
fn what_was_stored_is_there_after_a_restart_with_its_share_and_its_slot() {
    let (mut custody, config, mut gate) = (Custody::default(), small(), Gate::default());
    for (number, from) in [(1, ADA), (2, friend(3)), (3, friend(3))] {
        custody.add(&envelope(number, 60, 2), from, OWN, NOW, &config, &mut gate);
    }
    custody.remove(0, &mut gate);
    custody.set_copies(2, 1, 77, &mut gate);
    let mut rows = BTreeMap::new();
    for write in gate.poll_commit().unwrap().writes {
        match write {
            Write::Put { key, value, .. } => drop(rows.insert(key.row, value)),
            Write::Delete(key) => drop(rows.remove(&key.row)),
            _ => {}
        }
    }
    let mut restored = Custody::default();
    rows.iter().for_each(|(row, value)| restored.restore(*row, value).unwrap());
    restored.restored(&config, &mut gate);
    let shown = |custody: &Custody| {
        let shown = |(slot, kept): (u32, Kept)| (slot, Kept { depositor: NOBODY, ..kept });
        custody.slots().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(shown(&restored), shown(&custody));
    assert_eq!(restored.bytes(), custody.bytes());
    assert_eq!(add(&mut restored, &envelope(9, 60, 0), ADA, &config), Taken::Stored(0));
}

#[test]
fn a_lifetime_is_over_after_so_many_seconds_here() {
    let (mut custody, config) = (Custody::default(), small());
    add(&mut custody, &envelope(1, 60, 0), ADA, &config);
    assert!(custody.expired(NOW + Millis::from_secs(59)).is_empty());
    assert_eq!(custody.expired(NOW + Millis::from_secs(60)), [0]);
}
