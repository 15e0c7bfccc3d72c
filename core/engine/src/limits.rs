//! The limits of the protocol (PROTOCOL.md, Limits). What exceeds one is refused with the limit's name, never cut.

/// Text of a message, in bytes of UTF-8: a page and a half, eight times an SMS chain.
pub const TEXT_MAX: usize = 4_096;

/// An alias, in bytes of UTF-8: 64 Latin letters or 16 of the widest characters.
pub const ALIAS_MAX: usize = 64;

/// The greeting of a friend request, in bytes of UTF-8: a sentence or two.
pub const GREETING_MAX: usize = 280;

/// The token of a scanned code in a friend request, in bytes: a key's worth of randomness.
pub const TOKEN_MAX: usize = 32;

/// What is encrypted is padded to the smallest of these lengths, in bytes: each doubles, so at most half is padding above
/// the first, and a length tells an observer at most three bits.
pub const PADDING_BUCKETS: [usize; 7] = [128, 256, 512, 1_024, 2_048, 4_096, 8_192];

/// A whole envelope as it travels, in bytes: the largest bucket, what the ciphers add, and room for the header.
pub const ENVELOPE_MAX: usize = 10 << 10;

/// The body of an envelope, in bytes: with any header the envelope stays within [`ENVELOPE_MAX`].
pub const ENVELOPE_BODY_MAX: usize = ENVELOPE_MAX - 60;

/// A frame on a link without its length prefix, in bytes: what one read of a QUIC stream takes comfortably, and what one
/// peer can make another hold.
pub const FRAME_MAX: usize = 64 << 10;

/// Envelopes in one FORWARD (a parameter of 2007).
pub const FORWARD_MAX: usize = 64;

/// Entries in one OFFER: they fit a frame whatever their numbers.
pub const OFFER_MAX: usize = 1_024;

/// Entries in one RECEIPT: they fit a frame and answer sixteen full FORWARDs.
pub const RECEIPT_MAX: usize = 1_024;

/// Entries in one WANT: 9 KiB.
pub const WANT_MAX: usize = 1_024;

/// Secrets in one PROOFS: 4 KiB, also what one peer may bring per hour that matches nothing.
pub const PROOFS_MAX: usize = 256;

/// A presence datagram, in bytes: passes every path that IPv6 allows (1280) with room for headers and tunnels.
pub const DATAGRAM_MAX: usize = 1_200;

/// Parents a message names.
pub const PARENTS_MAX: usize = 4;

/// A certificate, in bytes: with it the largest answer to a search stays small.
pub const CERTIFICATE_MAX: usize = 400;

/// Addresses in a `permesso:` URI: two networks with IPv4 and IPv6 each; a QR code of them is still read from a phone's screen.
pub const URI_ADDRESSES_MAX: usize = 4;

/// The longest lifetime of an envelope with carriers, in seconds: 7 days.
pub const LIFETIME_MAX: u32 = 7 * 24 * 60 * 60;

/// Something was longer or more than a limit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {found} found, the limit is {limit}")]
pub struct LimitExceeded {
    /// The limit, with its unit.
    pub what: &'static str,
    /// How much there was.
    pub found: usize,
    /// How much there may be.
    pub limit: usize,
}

/// Refuses `found` above `limit`.
pub(crate) fn check(what: &'static str, found: usize, limit: usize) -> Result<(), LimitExceeded> {
    if found > limit { Err(LimitExceeded { what, found, limit }) } else { Ok(()) }
}

/// Refuses an alias of more than [`ALIAS_MAX`] bytes.
pub(crate) fn check_alias(alias: &str) -> Result<(), LimitExceeded> {
    check("bytes in an alias", alias.len(), ALIAS_MAX)
}
