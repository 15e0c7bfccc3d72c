//! The encryption of an account file, chunk by chunk.

use std::io::{self, Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use sha2::{Digest, Sha256};

use super::{ARCHIVE_VERSION, ArchiveError};
use crate::key::{Key, SALT_LENGTH, random};

const MAGIC: &[u8; 16] = b"permesso-account";
/// XChaCha20's 24 bytes less the 5 of counter and end mark.
const NONCE: usize = 19;
const CHECKSUM: usize = 8;
const HEADER: usize = MAGIC.len() + 2 + SALT_LENGTH + NONCE + CHECKSUM;
const TAG: usize = 16;
/// Plaintext of a chunk: 64 KiB, as in age; 2^32 of them are more than any disk holds.
const CHUNK: usize = 64 << 10;

/// Encrypts what is written to it. Without `finish` the file has no end and is refused by its reader.
pub(super) struct Sealing<W> {
    output: W,
    encryptor: EncryptorBE32<XChaCha20Poly1305>,
    chunk: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    /// Writes the header. Deriving the key takes some tenths of a second.
    pub(super) fn begin(mut output: W, passphrase: &str) -> Result<Self, ArchiveError> {
        if passphrase.is_empty() {
            return Err(ArchiveError::EmptyPassphrase);
        }
        let (mut salt, mut nonce) = ([0; SALT_LENGTH], [0; NONCE]);
        random(&mut salt)?;
        random(&mut nonce)?;
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&ARCHIVE_VERSION.to_be_bytes());
        header.extend_from_slice(&salt);
        header.extend_from_slice(&nonce);
        header.extend_from_slice(&checksum(&header));
        let mut encryptor = EncryptorBE32::from_aead(cipher(passphrase, &salt)?, &nonce.into());
        let mut proof = Vec::new();
        encryptor.encrypt_next_in_place(&header, &mut proof).map_err(|_| too_long())?;
        output.write_all(&header).and_then(|()| output.write_all(&proof)).map_err(ArchiveError::File)?;
        Ok(Self { output, encryptor, chunk: Vec::with_capacity(CHUNK + TAG) })
    }

    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<(), ArchiveError> {
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK {
                self.encryptor.encrypt_next_in_place(b"", &mut self.chunk).map_err(|_| too_long())?;
                self.output.write_all(&self.chunk).map_err(ArchiveError::File)?;
                self.chunk.clear();
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Writes the last chunk, and gives the output back.
    pub(super) fn finish(mut self) -> Result<W, ArchiveError> {
        self.encryptor.encrypt_last_in_place(b"", &mut self.chunk).map_err(|_| too_long())?;
        self.output.write_all(&self.chunk).and_then(|()| self.output.flush()).map_err(ArchiveError::File)?;
        Ok(self.output)
    }
}

/// Decrypts what it reads. Whoever reads to the end has read exactly what was written.
pub(super) struct Opening<R> {
    input: R,
    /// `None` after the last chunk.
    decryptor: Option<DecryptorBE32<XChaCha20Poly1305>>,
    /// The first byte of the next chunk, read to know whether there is one.
    ahead: Option<u8>,
    chunk: Vec<u8>,
    position: usize,
    consumed: u64,
}

impl<R: Read> Opening<R> {
    /// Reads the header and checks the passphrase. Deriving the key takes some tenths of a second.
    pub(super) fn begin(mut input: R, passphrase: &str) -> Result<Self, ArchiveError> {
        let header = take(&mut input, HEADER)?;
        let (magic, rest) = header.split_first_chunk().unwrap_or((&[0; 16], &[]));
        if magic != MAGIC {
            return Err(ArchiveError::NotAnAccount);
        }
        let early = || ArchiveError::damaged("it ends in its header");
        let (version, rest) = rest.split_first_chunk().ok_or_else(early)?;
        let version = u16::from_be_bytes(*version);
        if version > ARCHIVE_VERSION {
            return Err(ArchiveError::Newer { found: version.into(), supported: ARCHIVE_VERSION.into() });
        }
        let (salt, rest) = rest.split_first_chunk::<SALT_LENGTH>().ok_or_else(early)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or_else(early)?;
        if rest.len() != CHECKSUM {
            return Err(early());
        }
        if header.split_last_chunk().is_none_or(|(summed, sum)| checksum(summed) != *sum) {
            return Err(ArchiveError::damaged("its header was changed"));
        }
        let mut decryptor = DecryptorBE32::from_aead(cipher(passphrase, salt)?, &(*nonce).into());
        let mut proof = take(&mut input, TAG)?;
        if proof.len() < TAG {
            return Err(early());
        }
        decryptor.decrypt_next_in_place(&header, &mut proof).map_err(|_| ArchiveError::WrongPassphrase)?;
        let ahead = take(&mut input, 1)?.first().copied();
        let consumed = (HEADER + TAG) as u64;
        Ok(Self { input, decryptor: Some(decryptor), ahead, chunk: Vec::new(), position: 0, consumed })
    }

    /// Bytes of the file that were taken in.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Fills `bytes`.
    pub(super) fn read_exact(&mut self, mut bytes: &mut [u8]) -> Result<(), ArchiveError> {
        while !bytes.is_empty() {
            let ready = self.chunk.get(self.position..).unwrap_or_default();
            if ready.is_empty() {
                self.next_chunk()?;
                continue;
            }
            let length = ready.len().min(bytes.len());
            let (now, later) = bytes.split_at_mut(length);
            now.copy_from_slice(ready.get(..length).unwrap_or_default());
            self.position += length;
            bytes = later;
        }
        Ok(())
    }

    /// Checks that everything has been read, to the file's authentic end.
    pub(super) fn expect_end(&mut self) -> Result<(), ArchiveError> {
        while self.decryptor.is_some() && self.position == self.chunk.len() {
            self.next_chunk()?;
        }
        if self.position < self.chunk.len() { Err(ArchiveError::damaged("it goes on after its end")) } else { Ok(()) }
    }

    fn next_chunk(&mut self) -> Result<(), ArchiveError> {
        let early = || ArchiveError::damaged("it ends too early");
        let Some(mut decryptor) = self.decryptor.take() else { return Err(early()) };
        let mut chunk: Vec<u8> = self.ahead.take().into_iter().collect();
        if chunk.is_empty() {
            return Err(early());
        }
        chunk.append(&mut take(&mut self.input, CHUNK + TAG - 1)?);
        self.consumed += chunk.len() as u64;
        self.ahead = take(&mut self.input, 1)?.first().copied();
        self.position = 0;
        if self.ahead.is_some() {
            let place = self.consumed;
            let changed = |_| ArchiveError::damaged(format!("it was changed before byte {place}"));
            decryptor.decrypt_next_in_place(b"", &mut chunk).map_err(changed)?;
            self.decryptor = Some(decryptor);
        } else {
            let cut = |_| ArchiveError::damaged("its last part is missing or was changed");
            decryptor.decrypt_last_in_place(b"", &mut chunk).map_err(cut)?;
        }
        self.chunk = chunk;
        Ok(())
    }
}

/// At most `length` bytes; fewer only at the end.
fn take(input: &mut impl Read, length: usize) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = Vec::with_capacity(length);
    input.by_ref().take(length as u64).read_to_end(&mut bytes).map_err(ArchiveError::File)?;
    Ok(bytes)
}

fn cipher(passphrase: &str, salt: &[u8; SALT_LENGTH]) -> Result<XChaCha20Poly1305, ArchiveError> {
    Ok(XChaCha20Poly1305::new(Key::from_passphrase(passphrase, salt)?.as_bytes().into()))
}

fn checksum(header: &[u8]) -> [u8; CHECKSUM] {
    Sha256::digest(header).first_chunk().copied().unwrap_or_default()
}

fn too_long() -> ArchiveError {
    ArchiveError::File(io::ErrorKind::FileTooLarge.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut sealing = Sealing::begin(Vec::new(), "correct horse").unwrap();
        sealing.write(content).unwrap();
        sealing.finish().unwrap()
    }

    fn opened(file: &[u8], length: usize, passphrase: &str) -> Result<Vec<u8>, ArchiveError> {
        let mut opening = Opening::begin(file, passphrase)?;
        let mut content = vec![0; length];
        opening.read_exact(&mut content)?;
        opening.expect_end()?;
        assert_eq!(opening.consumed(), file.len() as u64);
        Ok(content)
    }

    #[test]
    fn what_is_sealed_opens_whatever_its_length() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let content: Vec<u8> = (0..length).map(|index| index as u8).collect();
            assert_eq!(opened(&sealed(&content), length, "correct horse").unwrap(), content, "{length} bytes");
        }
    }

    #[test]
    fn a_file_cut_off_anywhere_is_refused() {
        let file = sealed(&vec![7; CHUNK + 10]);
        let ends = [0, 1, 15, 16, 40, HEADER - 1, HEADER, HEADER + TAG - 1, HEADER + TAG, HEADER + TAG + 1];
        let chunk_ends = [HEADER + 2 * TAG + CHUNK - 1, HEADER + 2 * TAG + CHUNK, file.len() - 1];
        for end in ends.into_iter().chain(chunk_ends) {
            let error = opened(&file[..end], CHUNK + 10, "correct horse").unwrap_err();
            let expected = matches!(error, ArchiveError::Damaged { .. } | ArchiveError::NotAnAccount);
            assert!(expected, "cut at {end}: {error}");
        }
    }

    #[test]
    fn a_changed_byte_anywhere_is_refused() {
        let file = sealed(&[7; 100]);
        for index in 0..file.len() {
            // Behind the header each try derives a key: a sample will do.
            if index >= HEADER && index % 9 != 0 {
                continue;
            }
            let mut changed = file.clone();
            changed[index] ^= 1;
            assert!(opened(&changed, 100, "correct horse").is_err(), "byte {index}");
        }
    }

    #[test]
    fn bytes_after_the_end_are_refused() {
        let mut file = sealed(b"content");
        file.push(0);
        assert!(matches!(opened(&file, 7, "correct horse"), Err(ArchiveError::Damaged { .. })));
    }

    #[test]
    fn a_wrong_passphrase_a_newer_version_and_another_file_are_told_apart() {
        let file = sealed(b"content");
        assert!(matches!(opened(&file, 7, "Correct horse"), Err(ArchiveError::WrongPassphrase)));
        let mut newer = file.clone();
        newer[17] += 1;
        assert!(matches!(opened(&newer, 7, "correct horse"), Err(ArchiveError::Newer { found: 2, supported: 1 })));
        assert!(matches!(opened(b"BEGIN:VCARD", 7, "correct horse"), Err(ArchiveError::NotAnAccount)));
        assert!(matches!(opened(&[], 7, "correct horse"), Err(ArchiveError::NotAnAccount)));
        assert!(matches!(Sealing::begin(Vec::new(), ""), Err(ArchiveError::EmptyPassphrase)));
    }

    #[test]
    fn two_files_of_one_content_have_nothing_in_common_but_their_first_bytes() {
        let (one, other) = (sealed(b"content"), sealed(b"content"));
        assert_eq!(one[..18], other[..18]);
        let same = one.iter().zip(&other).skip(18).filter(|(one, other)| one == other).count();
        assert!(same < 20, "{same} bytes are the same");
    }
}
