//! The six packet states of 2007, kept for the newest packets and shown by diagnostics.

use serde::{Deserialize, Serialize};

use crate::api::{PacketService, PacketState, PacketView};
use crate::gate::Gate;
use crate::ids::HostId;
use crate::record;
use crate::rows::Table;
use crate::time::Wall;
use crate::tree::Tree;

/// Packets remembered: a few screens of diagnostics, and at most 1,024 rows that are written over.
const REMEMBERED: u64 = 1_024;

#[derive(Serialize, Deserialize)]
struct PacketRecord(u64, PacketService, bool, HostId, PacketState, Option<String>, Wall);

/// The newest packets.
#[derive(Default)]
pub(crate) struct Packets {
    next: u64,
    views: Tree<u64, PacketView>,
}

impl Packets {
    pub(crate) fn restore<'a>(records: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut packets = Self::default();
        for PacketRecord(number, service, outgoing, host, state, reason, changed) in records.filter_map(record::decode)
        {
            packets.next = packets.next.max(number.saturating_add(1));
            packets.views.insert(number, PacketView { number, service, outgoing, host, state, reason, changed });
        }
        packets
    }

    /// Remembers a new packet in its first state; returns its number.
    pub(crate) fn add(
        &mut self,
        service: PacketService,
        outgoing: bool,
        host: HostId,
        state: PacketState,
        now: Wall,
        gate: &mut Gate,
    ) -> u64 {
        let number = self.next;
        self.next += 1;
        let view = PacketView { number, service, outgoing, host, state, reason: None, changed: now };
        write(&view, gate);
        self.views.insert(number, view);
        if self.views.len() as u64 > REMEMBERED {
            self.views.pop_first();
        }
        number
    }

    /// A packet changed its state; one no longer remembered is left alone.
    pub(crate) fn set(&mut self, number: u64, state: PacketState, reason: Option<&str>, now: Wall, gate: &mut Gate) {
        let Some(view) = self.views.get_mut(&number) else { return };
        if view.state == state {
            return;
        }
        view.state = state;
        view.reason = reason.map(str::to_owned);
        view.changed = now;
        write(view, gate);
    }

    pub(crate) fn views(&self) -> Vec<PacketView> {
        self.views.values().cloned().collect()
    }
}

fn write(view: &PacketView, gate: &mut Gate) {
    let PacketView { number, service, outgoing, host, state, reason, changed } = view.clone();
    let packet = PacketRecord(number, service, outgoing, host, state, reason, changed);
    gate.write(record::put(Table::Packet, number % REMEMBERED, &packet));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Write;

    fn add(packets: &mut Packets, gate: &mut Gate) -> u64 {
        let (service, state) = (PacketService::TextMessage, PacketState::SendWait);
        packets.add(service, true, HostId::BROADCAST, state, Wall(1), gate)
    }

    #[test]
    fn states_survive_a_restart() {
        let (mut packets, mut gate) = (Packets::default(), Gate::default());
        let number = add(&mut packets, &mut gate);
        packets.set(number, PacketState::Dropped, Some("expired"), Wall(2), &mut gate);
        let commit = gate.poll_commit().unwrap();
        let values = commit.writes.iter().map(|write| match write {
            Write::Put { value, .. } => value.as_slice(),
            _ => panic!("only records are written"),
        });
        assert_eq!(Packets::restore(values).views(), packets.views());
    }

    #[test]
    fn the_number_of_packets_remembered_is_bounded_in_memory_and_in_rows() {
        let (mut packets, mut gate) = (Packets::default(), Gate::default());
        for _ in 0..REMEMBERED * 3 {
            add(&mut packets, &mut gate);
        }
        assert_eq!(packets.views().len() as u64, REMEMBERED);
        assert_eq!(gate.poll_commit().unwrap().writes.len() as u64, REMEMBERED);
    }
}
