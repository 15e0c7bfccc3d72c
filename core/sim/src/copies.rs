//! How many copies of an envelope there are, over all hosts (I7).

use std::collections::BTreeMap;

use permesso_engine::envelope::Envelope;
use permesso_engine::ids::{EnvelopeId, EnvelopeName};

/// The most copies one envelope has, whatever it claims.
const COPIES_MAX: u16 = 32;
/// A sealing and both its waves have so many times the copies it was made with: once, and twice four times.
const WITH_WAVES: u32 = 9;

/// The copies of every envelope that was handed out.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    /// Who made each envelope.
    makers: BTreeMap<EnvelopeId, usize>,
    /// How many copies of it each host was given, and has given away.
    held: BTreeMap<(EnvelopeId, usize), Held>,
    /// With how many copies a host has last handed on what on a link.
    handed_on: BTreeMap<(EnvelopeName, usize, u64), (EnvelopeId, u32)>,
}

/// The copies of one envelope at one host.
#[derive(Debug, Default)]
struct Held {
    /// Those it was given.
    taken: u32,
    /// Those it has given away.
    given: u32,
    /// The envelope came to it, with whatever number of copies.
    came: bool,
}

impl Copies {
    /// A host hands an envelope out: its maker has the copies it was made with, so many if it is the maker, and those of its
    /// waves to give, others what they were given. What is wrong with that, if anything.
    pub(crate) fn hand_out(&mut self, host: usize, made_with: u32, envelope: &Envelope) -> Option<String> {
        let id = envelope.id();
        let Held { taken, given, came } = self.held.entry((id, host)).or_default();
        *given += u32::from(envelope.copies);
        // Who hands out what never came to it has made it, and stays its maker if it is given some back.
        if !*came {
            self.makers.entry(id).or_insert(host);
        }
        let made_here = self.makers.get(&id) == Some(&host);
        let most = if made_here { made_with * WITH_WAVES } else { *taken };
        (*given > most || envelope.copies > COPIES_MAX).then(|| {
            format!(
                "{given} copies of envelope {id} were given away, {} of them now; {most} there were",
                envelope.copies
            )
        })
    }

    /// Who made an envelope, if it was ever handed out.
    pub(crate) fn maker(&self, id: EnvelopeId) -> Option<usize> {
        self.makers.get(&id).copied()
    }

    /// An envelope reaches a host with copies to give.
    pub(crate) fn arrived(&mut self, host: usize, envelope: &Envelope) {
        let held = self.held.entry((envelope.id(), host)).or_default();
        held.taken += u32::from(envelope.copies.min(COPIES_MAX));
        held.came = true;
    }

    /// An envelope is on its way from a host on a link.
    pub(crate) fn handed_on(&mut self, host: usize, link: u64, envelope: &Envelope) {
        let (id, copies) = (envelope.id(), u32::from(envelope.copies));
        self.handed_on.insert((name_of(id), host, link), (id, copies));
    }

    /// A host hears that its peer on a link refuses an envelope: what it handed on of it, it has again, and the peer has it not.
    pub(crate) fn taken_back(&mut self, host: usize, peer: usize, link: u64, name: EnvelopeName) {
        let Some((id, copies)) = self.handed_on.remove(&(name, host, link)) else { return };
        if let Some(held) = self.held.get_mut(&(id, host)) {
            held.given = held.given.saturating_sub(copies);
        }
        if let Some(held) = self.held.get_mut(&(id, peer)) {
            held.taken = held.taken.saturating_sub(copies);
        }
    }

    /// A host's database is an older copy now: what it gave away since, it may give away again.
    pub(crate) fn rolled_back(&mut self, host: usize) {
        self.held.iter_mut().filter(|((_, at), _)| *at == host).for_each(|(_, held)| held.given = 0);
    }
}

/// How receipts name an envelope.
pub(crate) fn name_of(id: EnvelopeId) -> EnvelopeName {
    let [a, b, c, d, e, f, g, h, ..] = *id.as_bytes();
    EnvelopeName([a, b, c, d, e, f, g, h])
}
