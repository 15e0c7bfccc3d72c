//! Who may see the status page: this machine's own programs, or from the network whoever has the token.

use std::fs;
use std::io::ErrorKind;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use axum::http::header::{AUTHORIZATION, COOKIE, HOST};
use axum::http::{HeaderMap, Uri};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::home;
use crate::printing;

/// Where a browser keeps the token.
pub(super) const COOKIE_NAME: &str = "permesso_token";

/// Bytes of a token: nobody guesses 128 bits.
const TOKEN_BYTES: usize = 16;

/// Who may see the status page.
#[derive(Clone, Debug)]
pub(super) struct Access {
    address: SocketAddr,
    /// None while only this machine's programs reach it.
    token: Option<String>,
}

/// What is said to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Welcome,
    /// It must show the token.
    TokenWanted,
    /// It was sent to another name than this machine's: a page of somebody else's makes a browser ask (DNS rebinding).
    Misdirected,
}

impl Access {
    /// A page at this address; beyond the loopback with the token of the home, which is made if there is none.
    pub(super) fn of(address: SocketAddr, folder: &Path) -> Result<Self, Failure> {
        let token = if address.ip().is_loopback() { None } else { Some(token(folder)?) };
        Ok(Self { address, token })
    }

    pub(super) fn wants_token(&self) -> bool {
        self.token.is_some()
    }

    /// The page's address for people; one of these of this host if it is served on all.
    pub(super) fn url(&self, addresses: &[SocketAddr]) -> String {
        let ip = match self.address.ip() {
            ip if !ip.is_unspecified() => ip,
            all => addresses.iter().map(SocketAddr::ip).find(|ip| ip.is_ipv4() == all.is_ipv4()).unwrap_or(all),
        };
        format!("http://{}/", SocketAddr::new(ip, self.address.port()))
    }

    /// What is said to a request with these headers.
    pub(super) fn judge(&self, uri: &Uri, headers: &HeaderMap) -> Verdict {
        match &self.token {
            None if is_local(uri, headers) => Verdict::Welcome,
            None => Verdict::Misdirected,
            Some(_) if shown(headers).any(|shown| self.opens(shown)) => Verdict::Welcome,
            Some(_) => Verdict::TokenWanted,
        }
    }

    /// Whether this is the token.
    pub(super) fn opens(&self, shown: &str) -> bool {
        // Digests are compared: how far they agree says nothing of the token.
        self.token.as_ref().is_some_and(|token| Sha256::digest(token) == Sha256::digest(shown.trim()))
    }
}

/// The token of a home; a new one if it has none.
fn token(folder: &Path) -> Result<String, Failure> {
    let path = folder.join(home::STATUS_TOKEN);
    match fs::read_to_string(&path) {
        Ok(token) if !token.trim().is_empty() => return Ok(token.trim().to_owned()),
        Ok(_) => fs::remove_file(&path).map_err(Failure::unusable(&path))?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::unusable(&path)(error)),
    }
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| permesso_node::NodeError::Randomness(error.to_string()))?;
    let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(printing::new_file(&path)?, "{token}").map_err(Failure::unusable(&path))?;
    Ok(token)
}

/// Where a program of this machine reaches a page that is served at `address`.
pub(super) fn reach(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Whether a request was sent to this machine by an address or name of the loopback.
fn is_local(uri: &Uri, headers: &HeaderMap) -> bool {
    let named = headers.get(HOST).and_then(|host| host.to_str().ok()).or_else(|| Some(uri.authority()?.as_str()));
    let Some(host) = named.map(without_port) else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    }
}

/// The tokens that a request shows.
fn shown(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let text = |name| headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let bearers = text(AUTHORIZATION).filter_map(|value| value.strip_prefix("Bearer "));
    let cookies = text(COOKIE).flat_map(|value| value.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    bearers.chain(cookies.filter(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(axum::http::HeaderName, &str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn on_the_loopback_only_requests_to_this_machines_own_names_are_answered() {
        let folder = tempfile::tempdir().unwrap();
        let access = Access::of("127.0.0.1:20071".parse().unwrap(), folder.path()).unwrap();
        assert!(!access.wants_token());
        let uri = Uri::from_static("/");
        for host in ["127.0.0.1:20071", "localhost:20071", "LOCALHOST", "[::1]:20071", "[::1]", "127.0.0.9"] {
            assert_eq!(access.judge(&uri, &headers(&[(HOST, host)])), Verdict::Welcome, "{host}");
        }
        for host in ["evil.example:20071", "192.168.1.5", "", "localhost.evil.example", "127.0.0.1.evil.example"] {
            assert_eq!(access.judge(&uri, &headers(&[(HOST, host)])), Verdict::Misdirected, "{host}");
        }
        assert_eq!(access.judge(&uri, &HeaderMap::new()), Verdict::Misdirected);
    }

    #[test]
    fn on_the_network_only_the_token_opens_and_it_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let access = Access::of("0.0.0.0:20071".parse().unwrap(), folder.path()).unwrap();
        let token = fs::read_to_string(folder.path().join(home::STATUS_TOKEN)).unwrap();
        let token = token.trim();
        assert_eq!(token.len(), 32);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(home::STATUS_TOKEN)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        let uri = Uri::from_static("/");
        let judged = |list: &[(axum::http::HeaderName, &str)]| access.judge(&uri, &headers(list));
        assert_eq!(judged(&[(AUTHORIZATION, &format!("Bearer {token}"))]), Verdict::Welcome);
        assert_eq!(judged(&[(COOKIE, &format!("a=b; {COOKIE_NAME}={token}"))]), Verdict::Welcome);
        let other = format!("Bearer {}", &token[1..]);
        for refused in [vec![], vec![(AUTHORIZATION, other.as_str())], vec![(HOST, "localhost")], vec![(COOKIE, token)]]
        {
            assert_eq!(judged(&refused), Verdict::TokenWanted, "{refused:?}");
        }
        let again = Access::of("[::]:1".parse().unwrap(), folder.path()).unwrap();
        assert!(again.opens(token));
        let present = ["[fe80::1]:20070".parse().unwrap(), "192.168.1.5:20070".parse().unwrap()];
        assert_eq!(access.url(&present), "http://192.168.1.5:20071/");
        assert_eq!(again.url(&present), "http://[fe80::1]:1/");
    }
}
