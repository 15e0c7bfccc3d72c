//! What is kept in memory of one envelope in custody, and its record.

use uuid::Uuid;

use super::Prefix;
use crate::envelope::Class;
use crate::ids::HostId;

/// Who handed over what has no depositor in its record, or more than there are numbers for.
pub(super) const NOBODY: u16 = u16::MAX;
/// Bytes of a host's id in a record.
pub(super) const HOST_LENGTH: usize = 16;

/// What is kept of one envelope beside its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: Prefix,
    pub(crate) ack: Prefix,
    /// What a WANT for it would say to this host.
    pub(crate) want: Prefix,
    /// When its lifetime is over, in seconds of the clock of age.
    pub(crate) expires: u32,
    /// Who handed it over; dies with it.
    pub(super) depositor: u16,
    /// At most [`COPIES_MAX`](crate::spray::COPIES_MAX).
    pub(crate) copies: u16,
    pub(crate) best: u16,
    /// Bytes of the whole envelope, never 0.
    pub(crate) length: u16,
    /// The depositor was a friend.
    pub(crate) friend: bool,
    pub(crate) class: Class,
}

impl Kept {
    /// Bytes of a record, with its depositor.
    pub(super) const LENGTH: usize = 3 * 8 + 4 + 3 * 2 + 2 + HOST_LENGTH;

    /// Its record: the numbers one after the other, most significant byte first, and who handed it over. A million of them are
    /// read at a start.
    pub(super) fn record(&self, host: Option<&HostId>) -> Vec<u8> {
        let Self { id, ack, want, expires, depositor: _, copies, best, length, friend, class } = self;
        let mut bytes = Vec::with_capacity(Self::LENGTH);
        [id, ack, want].iter().for_each(|name| bytes.extend_from_slice(&name.to_be_bytes()));
        bytes.extend_from_slice(&expires.to_be_bytes());
        [copies, best, length].iter().for_each(|number| bytes.extend_from_slice(&number.to_be_bytes()));
        bytes.extend_from_slice(&[u8::from(*friend), u8::from(*class)]);
        bytes.extend_from_slice(host.map_or(&[], |host| host.as_bytes()));
        bytes
    }

    pub(super) fn of_record(bytes: &[u8]) -> Option<(Self, Option<HostId>)> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (ack, rest) = rest.split_first_chunk()?;
        let (want, rest) = rest.split_first_chunk()?;
        let (expires, rest) = rest.split_first_chunk()?;
        let ([a, b, c, d, e, f, friend, class], rest) = rest.split_first_chunk()?;
        let host = |bytes: [u8; HOST_LENGTH]| HostId::from_uuid(Uuid::from_bytes(bytes));
        let host = if rest.is_empty() { None } else { Some(host(rest.try_into().ok()?)) };
        let [copies, best, length] = [[*a, *b], [*c, *d], [*e, *f]].map(u16::from_be_bytes);
        let [id, ack, want] = [*id, *ack, *want].map(Prefix::from_be_bytes);
        let (expires, depositor) = (u32::from_be_bytes(*expires), NOBODY);
        let class = Class::try_from(*class).ok()?;
        let friend = *friend != 0;
        let kept = Self { id, ack, want, expires, depositor, copies, best, length, friend, class };
        (length > 0).then_some((kept, host))
    }
}
