//! What the chat itself keeps for the next time: drafts, and when messages were delivered. One small file beside the
//! database, encrypted under a key that follows from the home's; drafts are private texts like any other.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use permesso_node::{HostId, Key, MessageId, Wall};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The file's name.
const FILE: &str = "chat";

/// Keeps this file's key apart from every other use of the home's key.
const DOMAIN: &[u8] = b"permesso/chat-file/v1";

const NONCE: usize = 24;
const TAG: usize = 16;

/// Delivery times kept: those of the last screens of every conversation one has at a time.
const DELIVERED_MAX: usize = 2_000;

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    /// Texts that were not sent.
    pub(crate) drafts: BTreeMap<HostId, String>,
    /// When the proof of delivery came, by this device's clock.
    pub(crate) delivered: BTreeMap<MessageId, Wall>,
}

impl Kept {
    /// Notes a text that was not sent; a blank one is none. Whether anything changed.
    pub(crate) fn set_draft(&mut self, host: HostId, text: &str) -> bool {
        if text.trim().is_empty() {
            return self.drafts.remove(&host).is_some();
        }
        if self.drafts.get(&host).is_some_and(|draft| draft == text) {
            return false;
        }
        self.drafts.insert(host, text.to_owned());
        true
    }

    /// Notes when a message was delivered; the first proof counts.
    pub(crate) fn note_delivered(&mut self, message: MessageId, at: Wall) {
        self.delivered.entry(message).or_insert(at);
        while self.delivered.len() > DELIVERED_MAX {
            let oldest = self.delivered.iter().min_by_key(|(_, at)| **at).map(|(message, _)| *message);
            match oldest {
                Some(oldest) => self.delivered.remove(&oldest),
                None => return,
            };
        }
    }
}

/// Reads and writes the file of one home.
#[derive(Clone)]
pub(crate) struct Keeper {
    path: PathBuf,
    cipher: XChaCha20Poly1305,
}

impl Keeper {
    /// The keeper of `home`, whose database has this key.
    pub(crate) fn new(home: &Path, key: &Key) -> Self {
        let mut derived = Zeroizing::new([0; 32]);
        // 32 bytes are far from the longest that HKDF gives (RFC 5869, 255 hashes).
        let _ = Hkdf::<Sha256>::new(None, key.as_bytes()).expand(DOMAIN, derived.as_mut_slice());
        Self { path: home.join(FILE), cipher: XChaCha20Poly1305::new((&*derived).into()) }
    }

    /// What was kept; nothing if there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, or is not this home's. It is left as it is until the next `save` moves it aside.
    pub(crate) fn load(&self) -> io::Result<Kept> {
        let sealed = match fs::read(&self.path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
            Err(error) => return Err(error),
        };
        let text = self.open(&sealed).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        serde_json::from_slice(&text).map_err(io::Error::other)
    }

    /// Moves a file that cannot be read aside, so that nothing in it is lost.
    pub(crate) fn put_aside(&self) -> io::Result<()> {
        fs::rename(&self.path, self.path.with_extension("damaged"))
    }

    /// Writes the file; under its name it is always whole.
    pub(crate) fn save(&self, kept: &Kept) -> io::Result<()> {
        let text = Zeroizing::new(serde_json::to_vec(kept).map_err(io::Error::other)?);
        let unfinished = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file: File = options.open(&unfinished)?;
        file.write_all(&self.seal(&text)?)?;
        file.sync_all()?;
        fs::rename(&unfinished, &self.path)
    }

    fn seal(&self, text: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let mut body = text.to_vec();
        let tag = self.cipher.encrypt_inout_detached(&XNonce::from(nonce), DOMAIN, body.as_mut_slice().into());
        let tag = tag.map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok([&nonce[..], &body, &tag].concat())
    }

    fn open(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>()?;
        let (body, tag) = rest.split_last_chunk::<TAG>()?;
        let mut text = Zeroizing::new(body.to_vec());
        let nonce = XNonce::from(*nonce);
        let opened = self.cipher.decrypt_inout_detached(&nonce, DOMAIN, text.as_mut_slice().into(), &Tag::from(*tag));
        opened.ok().map(|()| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> HostId {
        "00000000-0000-8000-8000-000000000001".parse().unwrap()
    }

    fn keeper(folder: &Path) -> Keeper {
        Keeper::new(folder, &Key::from_bytes([7; 32]))
    }

    #[test]
    fn what_is_kept_is_there_the_next_time_and_not_in_plain_words() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = Kept::default();
        assert!(kept.set_draft(host(), "a secret\nin two lines"));
        kept.note_delivered(MessageId([1; 16]), Wall(5));
        keeper(folder.path()).save(&kept).unwrap();
        assert_eq!(keeper(folder.path()).load().unwrap(), kept);
        let bytes = fs::read(folder.path().join(FILE)).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn another_key_or_a_flipped_bit_opens_nothing_and_the_file_is_put_aside_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = Kept::default();
        kept.set_draft(host(), "text");
        keeper(folder.path()).save(&kept).unwrap();
        assert!(Keeper::new(folder.path(), &Key::from_bytes([8; 32])).load().is_err());
        let path = folder.path().join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert!(keeper(folder.path()).load().is_err());
        keeper(folder.path()).put_aside().unwrap();
        assert_eq!(fs::read(folder.path().join("chat.damaged")).unwrap(), bytes);
        assert_eq!(keeper(folder.path()).load().unwrap(), Kept::default());
    }

    #[test]
    fn a_blank_draft_is_none() {
        let mut kept = Kept::default();
        assert!(!kept.set_draft(host(), " \n"));
        assert!(kept.set_draft(host(), "a") && !kept.set_draft(host(), "a"));
        assert!(kept.set_draft(host(), "") && kept.drafts.is_empty());
    }

    #[test]
    fn the_first_proof_counts_and_the_oldest_times_are_forgotten() {
        let mut kept = Kept::default();
        for number in 0..=DELIVERED_MAX as u64 {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&number.to_be_bytes());
            kept.note_delivered(MessageId(id), Wall(1_000 + number));
        }
        assert_eq!(kept.delivered.len(), DELIVERED_MAX);
        assert!(!kept.delivered.contains_key(&MessageId([0; 16])));
        let last = *kept.delivered.keys().next_back().unwrap();
        kept.note_delivered(last, Wall(9_999_999));
        assert_ne!(kept.delivered[&last], Wall(9_999_999));
    }
}
