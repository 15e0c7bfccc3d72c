//! The `permesso:` URI: a host's key, and if known its alias and where to find it. It is what a QR code holds, so it stays
//! short and uses only characters that survive copying.
//!
//! ```text
//! permesso:<64 hexadecimal digits of the identity key>
//!     [?alias=<percent-encoded>][&token=<hexadecimal>][&cert=<hexadecimal>][&at=<address:port>]…
//! ```

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use crate::api::NetAddr;
use crate::certificate::Certificate;
use crate::few::sort_few;
use crate::identity::{SIGNATURE_LENGTH, host_id_of};
use crate::ids::{HostId, IdentityKey, OlmKey, SealingKey, write_hex};
use crate::limits::{ALIAS_MAX, TOKEN_MAX, URI_ADDRESSES_MAX};
use crate::names;

const SCHEME: &str = "permesso";
/// Of a longer text no part is read: key, alias fully encoded, token, certificate and four addresses take less than 900 bytes.
pub const URI_MAX: usize = 1_024;

/// Bytes of a certificate without its key: two keys of 32 bytes, two numbers, a signature.
const PACKED: usize = 32 + 8 + 32 + 4 + SIGNATURE_LENGTH;

/// A host that somebody names: its key is certain, alias and address are hints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermessoUri {
    /// The identity key.
    pub key: IdentityKey,
    /// What it calls itself, normalized, at most 64 bytes.
    pub alias: Option<String>,
    /// What an ASK made with this code repeats, so that the host knows that the asker has it: 1 to [`TOKEN_MAX`] bytes.
    pub token: Option<Vec<u8>>,
    /// The certificate of that key, verified if the URI was read: with it a request can be sealed, and carried to a host that
    /// was never met.
    pub certificate: Option<Certificate>,
    /// Its presence addresses at the time the URI was made, at most [`URI_ADDRESSES_MAX`], none twice. They have no scope: a
    /// link-local one is to be tried on every interface.
    pub addresses: Vec<NetAddr>,
}

/// Why a text is not a `permesso:` URI, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Longer than any such URI.
    #[error("it has {length} bytes, the limit is {URI_MAX}: scan or copy the code again")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Another kind of code.
    #[error("it does not begin with \"permesso:\": scan the code that Permesso shows under \"my code\"")]
    OtherScheme,
    /// Not a key.
    #[error("the key must be 64 hexadecimal digits, {length} characters were found: copy the whole code")]
    BadKey {
        /// How many characters stand in its place.
        length: usize,
    },
    /// An alias with a bad escape, not UTF-8, empty or too long.
    #[error("the alias must be percent-encoded UTF-8 of 1 to {ALIAS_MAX} bytes: ask for a new code")]
    BadAlias,
    /// A token that is no such thing.
    #[error("the token must be 2 to 64 hexadecimal digits: ask for a new code")]
    BadToken,
    /// A certificate that is none of that key.
    #[error("the certificate is damaged or of another key: copy the whole code, or ask for a new one")]
    BadCertificate,
    /// An address that names no host.
    #[error("the address must be like 192.168.1.7:20070 or [fe80::1]:20070: ask for a new code or leave it out")]
    BadAddress,
    /// More addresses than such a URI holds.
    #[error("it has more than {URI_ADDRESSES_MAX} addresses: leave some out")]
    TooManyAddresses,
    /// A parameter given twice or without a value.
    #[error("\"{parameter}\" must be given once, with a value: copy the whole code")]
    BadParameter {
        /// Which, at most 16 characters of it.
        parameter: String,
    },
}

impl PermessoUri {
    /// A URI with the most useful of the addresses at which a host listens: those that lead to it from its own network, the
    /// short ones first. Loopback is named only where there is nothing else; what names no host is left out. It has neither token
    /// nor certificate.
    pub fn new(key: IdentityKey, alias: Option<String>, addresses: &[NetAddr]) -> Self {
        let mut useful: Vec<NetAddr> =
            addresses.iter().map(|address| without_scope(*address)).filter(names_one_host).collect();
        sort_few(&mut useful, |address| rank(address.ip()));
        let mut chosen: Vec<NetAddr> = Vec::new();
        for address in useful {
            if chosen.len() < URI_ADDRESSES_MAX && !chosen.contains(&address) {
                chosen.push(address);
            }
        }
        if chosen.iter().any(|address| !address.ip().is_loopback()) {
            chosen.retain(|address| !address.ip().is_loopback());
        }
        Self { key, alias, token: None, certificate: None, addresses: chosen }
    }

    /// The id of the host with that key.
    pub fn host_id(&self) -> HostId {
        host_id_of(&self.key)
    }
}

/// IPv4 is reached from most networks; a link-local address only from the very link.
fn rank(ip: IpAddr) -> u8 {
    match ip {
        _ if ip.is_loopback() => 3,
        IpAddr::V4(_) => 0,
        IpAddr::V6(ip) if ip.is_unicast_link_local() => 2,
        IpAddr::V6(_) => 1,
    }
}

impl fmt::Display for PermessoUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}:{}", self.key)?;
        let mut separator = '?';
        if let Some(alias) = &self.alias {
            write!(f, "{separator}alias=")?;
            write_encoded(f, alias)?;
            separator = '&';
        }
        if let Some(token) = &self.token {
            write!(f, "{separator}token=")?;
            write_hex(f, token)?;
            separator = '&';
        }
        if let Some(certificate) = &self.certificate {
            write!(f, "{separator}cert=")?;
            write_hex(f, &packed(certificate))?;
            separator = '&';
        }
        for address in &self.addresses {
            write!(f, "{separator}at={}", without_scope(*address))?;
            separator = '&';
        }
        Ok(())
    }
}

impl FromStr for PermessoUri {
    type Err = UriError;

    /// Reads a URI. Case of scheme and digits does not matter; unknown parameters are passed over, for later versions.
    fn from_str(text: &str) -> Result<Self, UriError> {
        if text.len() > URI_MAX {
            return Err(UriError::TooLong { length: text.len() });
        }
        let (scheme, rest) = text.trim().split_once(':').ok_or(UriError::OtherScheme)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(UriError::OtherScheme);
        }
        let (key, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let key = key.parse().map_err(|_| UriError::BadKey { length: key.chars().count() })?;
        let mut uri = Self { key, alias: None, token: None, certificate: None, addresses: Vec::new() };
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            uri.add(parameter)?;
        }
        Ok(uri)
    }
}

impl PermessoUri {
    fn add(&mut self, parameter: &str) -> Result<(), UriError> {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let given_twice = match name {
            "alias" => self.alias.is_some(),
            "token" => self.token.is_some(),
            "cert" => self.certificate.is_some(),
            "at" => false,
            _ => return Ok(()),
        };
        if given_twice || value.is_empty() {
            return Err(UriError::BadParameter { parameter: name.chars().take(16).collect() });
        }
        match name {
            "alias" => self.alias = Some(parse_alias(value)?),
            "token" => self.token = Some(parse_hex(value, TOKEN_MAX).ok_or(UriError::BadToken)?),
            "cert" => self.certificate = Some(parse_certificate(self.key, value).ok_or(UriError::BadCertificate)?),
            _ => self.add_address(parse_address(value)?)?,
        }
        Ok(())
    }

    fn add_address(&mut self, address: NetAddr) -> Result<(), UriError> {
        if self.addresses.contains(&address) {
            return Ok(());
        }
        if self.addresses.len() >= URI_ADDRESSES_MAX {
            return Err(UriError::TooManyAddresses);
        }
        self.addresses.push(address);
        Ok(())
    }
}

fn parse_alias(value: &str) -> Result<String, UriError> {
    let alias = names::normalize(&decoded(value).ok_or(UriError::BadAlias)?);
    if alias.is_empty() || alias.len() > ALIAS_MAX { Err(UriError::BadAlias) } else { Ok(alias) }
}

/// The fields of a certificate but the key, which stands in the URI already: each has its width, the most significant byte of
/// a number is first.
fn packed(certificate: &Certificate) -> Vec<u8> {
    let Certificate { key: _, sealing_key, sealing_number, olm_key, capabilities, signature } = certificate;
    let mut bytes = Vec::with_capacity(PACKED);
    bytes.extend_from_slice(&sealing_key.0);
    bytes.extend_from_slice(&sealing_number.to_be_bytes());
    bytes.extend_from_slice(&olm_key.0);
    bytes.extend_from_slice(&capabilities.to_be_bytes());
    bytes.extend_from_slice(signature);
    bytes
}

/// The certificate of a key, if it is right.
fn parse_certificate(key: IdentityKey, value: &str) -> Option<Certificate> {
    let bytes = parse_hex(value, PACKED)?;
    let (sealing_key, rest) = bytes.split_first_chunk()?;
    let (sealing_number, rest) = rest.split_first_chunk()?;
    let (olm_key, rest) = rest.split_first_chunk()?;
    let (capabilities, rest) = rest.split_first_chunk()?;
    let signature = *rest.first_chunk().filter(|all: &&[u8; SIGNATURE_LENGTH]| all.len() == rest.len())?;
    let (sealing_key, olm_key) = (SealingKey(*sealing_key), OlmKey(*olm_key));
    let (sealing_number, capabilities) = (u64::from_be_bytes(*sealing_number), u32::from_be_bytes(*capabilities));
    Some(Certificate { key, sealing_key, sealing_number, olm_key, capabilities, signature }).filter(Certificate::verify)
}

/// At least one and at most so many bytes, two digits each.
fn parse_hex(value: &str, most: usize) -> Option<Vec<u8>> {
    if !value.len().is_multiple_of(2) || value.len() > 2 * most {
        return None;
    }
    let digits: Vec<u32> = value.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    digits.chunks_exact(2).map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte << 4 | digit)).ok()).collect()
}

fn parse_address(value: &str) -> Result<NetAddr, UriError> {
    let value = decoded(value).ok_or(UriError::BadAddress)?;
    let address: SocketAddr = value.parse().map_err(|_| UriError::BadAddress)?;
    if names_one_host(&address) { Ok(without_scope(address)) } else { Err(UriError::BadAddress) }
}

fn names_one_host(address: &SocketAddr) -> bool {
    let ip = address.ip();
    address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !is_limited_broadcast(address)
}

fn is_limited_broadcast(address: &SocketAddr) -> bool {
    matches!(address, SocketAddr::V4(address) if address.ip().is_broadcast())
}

/// A scope id means something on one device only.
fn without_scope(mut address: SocketAddr) -> SocketAddr {
    if let SocketAddr::V6(address) = &mut address {
        address.set_scope_id(0);
        address.set_flowinfo(0);
    }
    address
}

/// Percent-encodes all but the unreserved characters of RFC 3986 §2.3.
fn write_encoded(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.bytes().try_for_each(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => write!(f, "{}", char::from(byte)),
        _ => write!(f, "%{byte:02X}"),
    })
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high << 4 | low).ok()?
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;
    use crate::identity::Identity;

    fn key() -> IdentityKey {
        Identity::from_secret([1; 32]).key()
    }

    fn certificate() -> Certificate {
        Certificate::issue(&Identity::from_secret([1; 32]), SealingKey([2; 32]), u64::MAX - 1, OlmKey([3; 32]), 4)
    }

    fn address(text: &str) -> NetAddr {
        text.parse().unwrap()
    }

    fn parse(rest: &str) -> Result<PermessoUri, UriError> {
        format!("permesso:{}{rest}", key()).parse()
    }

    #[test]
    fn a_uri_with_everything_reads_as_it_was_written() {
        let uri = PermessoUri {
            key: key(),
            alias: Some("Grazia & Ögüt? 100%".into()),
            token: Some(vec![0, 7, 0xa0]),
            certificate: Some(certificate()),
            addresses: vec![address("192.168.1.7:20070"), address("[fe80::1]:20070")],
        };
        let text = uri.to_string();
        assert!(text.is_ascii() && !text.contains(' '));
        assert_eq!(text.parse(), Ok(uri));
    }

    #[test]
    fn the_longest_uri_is_read() {
        let longest = "[fd12:3456:789a:bcde:f012:3456:789a:";
        let addresses = ["bcd0]:20070", "bcd1]:20070", "bcd2]:20070", "bcd3]:20070"];
        let addresses = addresses.map(|end| address(&format!("{longest}{end}")));
        let uri = PermessoUri::new(key(), Some("\u{10348}".repeat(ALIAS_MAX / 4)), &addresses);
        let uri = PermessoUri { token: Some(vec![0xff; TOKEN_MAX]), certificate: Some(certificate()), ..uri };
        let text = uri.to_string();
        assert!(text.len() < 900, "{}", text.len());
        assert_eq!(text.parse(), Ok(uri));
    }

    #[test]
    fn a_host_names_the_addresses_that_lead_to_it_the_short_ones_first() {
        let all = ["[fe80::1%3]:7", "127.0.0.1:7", "[2001:db8::1]:7", "10.0.0.1:7", "[fe80::1%4]:7", "224.0.0.1:7"];
        let uri = PermessoUri::new(key(), None, &all.map(address));
        assert_eq!(uri.addresses, ["10.0.0.1:7", "[2001:db8::1]:7", "[fe80::1]:7"].map(address));
        let many: Vec<_> = (1..9).map(|last| address(&format!("10.0.0.{last}:7"))).collect();
        assert_eq!(PermessoUri::new(key(), None, &many).addresses, many[..URI_ADDRESSES_MAX]);
    }

    #[test]
    fn loopback_is_named_only_where_there_is_nothing_else() {
        let loopback = address("127.0.0.1:7");
        assert_eq!(PermessoUri::new(key(), None, &[loopback]).addresses, [loopback]);
        let real = address("[fe80::1]:7");
        assert_eq!(PermessoUri::new(key(), None, &[loopback, real]).addresses, [real]);
    }

    #[test]
    fn an_address_twice_counts_once_and_one_too_many_is_refused() {
        let at = |last: usize| format!("at=10.0.0.{last}:7");
        let many = |count: usize| (1..=count).map(at).collect::<Vec<_>>().join("&");
        let uri = parse(&format!("?{}&{}", many(URI_ADDRESSES_MAX), at(1))).unwrap();
        assert_eq!(uri.addresses.len(), URI_ADDRESSES_MAX);
        assert_eq!(parse(&format!("?{}", many(URI_ADDRESSES_MAX + 1))), Err(UriError::TooManyAddresses));
    }

    #[test]
    fn a_bare_key_is_enough() {
        assert_eq!(
            parse(""),
            Ok(PermessoUri { key: key(), alias: None, token: None, certificate: None, addresses: Vec::new() })
        );
        assert_eq!(parse("").unwrap().host_id(), Identity::from_secret([1; 32]).host_id());
    }

    #[test]
    fn case_of_scheme_and_key_does_not_matter() {
        let text = format!("PERMESSO:{}", key().to_string().to_uppercase());
        assert_eq!(text.parse::<PermessoUri>().unwrap().key, key());
    }

    #[test]
    fn another_scheme_is_refused() {
        assert_eq!("https://example.org".parse::<PermessoUri>(), Err(UriError::OtherScheme));
        assert_eq!("permesso".parse::<PermessoUri>(), Err(UriError::OtherScheme));
    }

    #[test]
    fn a_key_cut_short_is_refused_with_its_length() {
        assert_eq!("permesso:a1b2".parse::<PermessoUri>(), Err(UriError::BadKey { length: 4 }));
        assert_eq!("permesso:".parse::<PermessoUri>(), Err(UriError::BadKey { length: 0 }));
    }

    #[test]
    fn a_bad_alias_is_refused() {
        for alias in ["%", "%4", "%zz", "%ff", "%0A", "%20"] {
            assert_eq!(parse(&format!("?alias={alias}")), Err(UriError::BadAlias), "{alias}");
        }
        assert_eq!(parse(&format!("?alias={}", "a".repeat(ALIAS_MAX + 1))), Err(UriError::BadAlias));
    }

    #[test]
    fn a_bad_token_is_refused_and_its_case_does_not_matter() {
        assert_eq!(parse("?token=00aB").unwrap().token, Some(vec![0, 0xab]));
        for token in ["1", "0g", "+1", "%30%30", &"00".repeat(TOKEN_MAX + 1)] {
            assert_eq!(parse(&format!("?token={token}")), Err(UriError::BadToken), "{token}");
        }
    }

    #[test]
    fn a_certificate_that_is_damaged_cut_or_of_another_key_is_refused() {
        let whole = PermessoUri { certificate: Some(certificate()), ..parse("").unwrap() }.to_string();
        let (_, hex) = whole.split_once("cert=").unwrap();
        assert_eq!(parse(&format!("?cert={}", hex.to_uppercase())).unwrap().certificate, Some(certificate()));
        for digit in 0..hex.len() {
            let mut damaged = hex.to_owned();
            let other = if &hex[digit..=digit] == "0" { "1" } else { "0" };
            damaged.replace_range(digit..=digit, other);
            assert_eq!(parse(&format!("?cert={damaged}")), Err(UriError::BadCertificate), "digit {digit}");
        }
        for bad in [&hex[2..], &hex[..hex.len() - 2], &format!("{hex}00"), "00", "zz"] {
            assert_eq!(parse(&format!("?cert={bad}")), Err(UriError::BadCertificate), "{bad}");
        }
        let another = format!("permesso:{}?cert={hex}", Identity::from_secret([2; 32]).key());
        assert_eq!(another.parse::<PermessoUri>(), Err(UriError::BadCertificate));
        assert!(matches!(parse(&format!("?cert={hex}&cert={hex}")), Err(UriError::BadParameter { .. })));
    }

    #[test]
    fn an_address_that_names_no_host_is_refused() {
        for address in ["here", "1.2.3.4", "1.2.3.4:0", "0.0.0.0:1", "255.255.255.255:1", "224.0.0.1:1", "[ff02::1]:1"]
        {
            assert_eq!(parse(&format!("?at={address}")), Err(UriError::BadAddress), "{address}");
        }
    }

    #[test]
    fn a_parameter_twice_or_without_value_is_refused() {
        for parameters in ["?alias=a&alias=b", "?alias", "?at=", "?token=", "?token=00&token=00"] {
            assert!(matches!(parse(parameters), Err(UriError::BadParameter { .. })), "{parameters}");
        }
    }

    #[test]
    fn parameters_of_later_versions_are_passed_over() {
        assert_eq!(parse("?later=1&alias=a").unwrap().alias.as_deref(), Some("a"));
    }

    #[test]
    fn an_oversized_text_is_refused() {
        assert!(matches!(parse(&"x".repeat(URI_MAX)), Err(UriError::TooLong { .. })));
    }

    #[test]
    fn errors_say_what_to_do() {
        assert!(parse("?at=x").unwrap_err().to_string().contains("ask for a new code"));
    }

    proptest! {
        #[test]
        fn every_uri_reads_as_it_was_written(
            seed in any::<[u8; 32]>(),
            alias in proptest::option::of("\\PC{1,16}"),
            v4 in any::<[u8; 4]>(),
            port in 1u16..,
            token in proptest::option::of(proptest::collection::vec(any::<u8>(), 1..=TOKEN_MAX)),
        ) {
            let alias = alias.map(|alias| names::normalize(&alias)).filter(|alias| !alias.is_empty() && alias.len() <= ALIAS_MAX);
            let addresses = parse_address(&SocketAddr::from((v4, port)).to_string()).into_iter().collect();
            let uri = PermessoUri { key: IdentityKey(seed), alias, token, certificate: None, addresses };
            prop_assert_eq!(uri.to_string().parse(), Ok(uri));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", rest in "[?&=%a-z0-9.:]{0,40}") {
            let _ = text.parse::<PermessoUri>();
            let _ = parse(&rest);
        }
    }
}
