//! A host of which nothing is there but its end of a link: it deposits envelopes and collects them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use permesso_engine::certificate::Certificate;
use permesso_engine::crypto::{SealingSecret, hash16, hash32};
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::{Frame, Hello, LINK_VERSION, Proofs, ReceiptStatus, Want, ack_hash, want_of};
use permesso_engine::identity::{Identity, host_id_of};
use permesso_engine::ids::{EnvelopeId, HostId, OlmKey, ProofSecret, Tag};
use permesso_engine::limits::{FORWARD_MAX, PROOFS_MAX, WANT_MAX};
use permesso_engine::packet::{Counter, Role};
use permesso_node::bare::{BareEvent, BareLink};

use super::process::Server;
use crate::Outcome;

/// What a chat message of ordinary length is once it is padded, encrypted and sealed.
pub const BODY: usize = 360;
/// Envelopes under one tag: a pair's tag lasts an hour.
pub const UNDER_ONE_TAG: u64 = 8;
/// The lifetime of every envelope here, in seconds: a day.
const LIFETIME: u32 = 24 * 60 * 60;
/// Nothing takes longer, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where clients are, beside the server.
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 10));

/// An envelope of so many, that anybody here can make again by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parcel(pub u64);

impl Parcel {
    fn secret(self) -> ProofSecret {
        ProofSecret(hash16("permesso/bench/secret", &[&self.0.to_be_bytes()]))
    }

    fn tag(self) -> Tag {
        Tag(hash16("permesso/bench/tag", &[&(self.0 / UNDER_ONE_TAG).to_be_bytes()]))
    }

    /// Which one this is, if it is one.
    fn of(envelope: &Envelope) -> Option<Self> {
        let parcel = Self(u64::from_be_bytes(*envelope.body.first_chunk()?));
        (parcel.envelope().id() == envelope.id()).then_some(parcel)
    }

    /// The envelope itself.
    pub fn envelope(self) -> Envelope {
        let mut body = vec![7; BODY];
        body.iter_mut().zip(self.0.to_be_bytes()).for_each(|(to, from)| *to = from);
        let (tag, ack_hash) = (self.tag(), ack_hash(&self.secret()));
        Envelope { class: Class::Message, tag, ack_hash, body, lifetime: LIFETIME, copies: 0, best: 0, stamp: 0 }
    }
}

/// What is expected to come, by its id; ids are taken of what comes, not believed.
pub type Expected = BTreeMap<EnvelopeId, Parcel>;

/// These parcels by their ids.
pub fn expected(parcels: impl IntoIterator<Item = Parcel>) -> Expected {
    parcels.into_iter().map(|parcel| (parcel.envelope().id(), parcel)).collect()
}

/// A client that has a link to a server.
pub struct Client {
    link: BareLink,
    server: HostId,
    told: u64,
}

impl Client {
    /// Links with the server as a host of its own, the `number`th.
    ///
    /// # Errors
    /// No link comes up.
    pub async fn connect(server: &Server, number: u64) -> Outcome<Self> {
        let identity = Identity::from_secret(hash32("permesso/bench/host", &[&number.to_be_bytes()]));
        let link = BareLink::dial(&identity.secret(), ADDRESS, server.links(), server.uri.key).await?;
        let mut client = Self { link, server: host_id_of(&server.uri.key), told: 1 };
        let sealing = SealingSecret::from_bytes([7; 32]).public();
        let hello = Hello {
            version: LINK_VERSION,
            certificate: Certificate::issue(&identity, sealing, 1, OlmKey([7; 32]), 0),
            counter: Counter { generation: 1, n: 1 },
            meetings: 1,
            free_memory: 0,
            role: Role::Client,
            arrivals: 0,
            alias: format!("Client {number}"),
            remembers: 0,
        };
        client.link.send(Frame::Hello(hello).encode());
        while !matches!(client.next().await?, Some(Frame::Hello(_))) {}
        Ok(client)
    }

    /// The next frame; none when only more may be sent.
    async fn next(&mut self) -> Outcome<Option<Frame>> {
        match tokio::time::timeout(PATIENCE, self.link.next()).await.map_err(|_| "nothing came for a minute")? {
            Some(BareEvent::Frame(bytes)) => Ok(Some(Frame::decode(&bytes)?)),
            Some(BareEvent::Writable) => Ok(None),
            None => Err("the link is down".into()),
        }
    }

    /// Deposits parcels, at most `window` of them without a receipt; `acknowledged` is told of each receipt.
    ///
    /// # Errors
    /// One is refused, or the link ends.
    pub async fn deposit(
        &mut self,
        parcels: impl IntoIterator<Item = Parcel>,
        window: usize,
        mut acknowledged: impl FnMut(Parcel),
    ) -> Outcome<()> {
        let mut parcels = parcels.into_iter().peekable();
        let mut waiting = BTreeMap::new();
        while parcels.peek().is_some() || !waiting.is_empty() {
            while self.link.may_send() && waiting.len() + FORWARD_MAX <= window && parcels.peek().is_some() {
                let mut batch = Vec::with_capacity(FORWARD_MAX);
                for parcel in parcels.by_ref().take(FORWARD_MAX) {
                    let envelope = parcel.envelope();
                    waiting.insert(name_of(envelope.id()), parcel);
                    batch.push(envelope);
                }
                self.link.send(Frame::Forward(batch).encode());
            }
            let Some(Frame::Receipt(receipts)) = self.next().await? else { continue };
            for receipt in receipts {
                if receipt.status != ReceiptStatus::Stored {
                    return Err(format!("an envelope was not stored: {:?}", receipt.status).into());
                }
                if let Some(parcel) = waiting.remove(&receipt.id.0) {
                    acknowledged(parcel);
                }
            }
        }
        Ok(())
    }

    /// Collects everything expected and proves it, what came more than once too; `proved` is told of each before its proof
    /// leaves.
    ///
    /// # Errors
    /// Something else comes, or the link ends.
    pub async fn collect(&mut self, mut expected: Expected, mut proved: impl FnMut(Parcel)) -> Outcome<()> {
        self.want(expected.values().copied());
        while !expected.is_empty() {
            let Some(Frame::Forward(envelopes)) = self.next().await? else { continue };
            let mut secrets = Vec::with_capacity(envelopes.len());
            for envelope in envelopes {
                let parcel = match expected.remove(&envelope.id()) {
                    Some(parcel) => parcel,
                    // Under the same tag, or once more.
                    None => Parcel::of(&envelope).ok_or("an envelope came that nobody here has made")?,
                };
                proved(parcel);
                secrets.push(parcel.secret());
            }
            self.prove(&secrets);
        }
        Ok(())
    }

    fn want(&mut self, parcels: impl Iterator<Item = Parcel>) {
        let mut tags: Vec<Tag> = parcels.map(Parcel::tag).collect();
        tags.sort_unstable();
        tags.dedup();
        for (index, tags) in tags.chunks(WANT_MAX).enumerate() {
            let entries = tags.iter().map(|tag| want_of(tag, self.server).to_be_bytes()).collect();
            self.link.send(Frame::Want(Want { replace: index == 0, entries }).encode());
        }
    }

    fn prove(&mut self, secrets: &[ProofSecret]) {
        for secrets in secrets.chunks(PROOFS_MAX) {
            let first = self.told;
            self.told += secrets.len() as u64;
            self.link.send(Frame::Proofs(Proofs { first, secrets: secrets.to_vec() }).encode());
        }
    }

    /// Ends the link once what was sent has arrived.
    pub async fn close(self) {
        self.link.close().await;
    }
}

/// The first half of an id, as receipts name it.
fn name_of(id: EnvelopeId) -> [u8; 8] {
    id.as_bytes().first_chunk().copied().unwrap_or_default()
}
