//! What fuzzing feeds of this crate: its decoders of bytes and texts that others made (`core/fuzz/FUZZING.md`). Built only for
//! tests, which replay the corpus, and for cargo-fuzz.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "it is to panic")]
#![allow(missing_docs, reason = "each is named after what it decodes")]

use bytes::BytesMut;
use permesso_engine::Engine;
use permesso_engine::api::{Command, ContactView, FriendState, NetworkEvent};
use permesso_engine::ids::{FriendId, Interface};
use permesso_engine::rows::Snapshot;
use permesso_engine::time::{Millis, Now, Tick, Wall};
use permesso_engine::uri::PermessoUri;

use crate::Config;
use crate::links::{FRAME_MAX, Split, split_frame};
use crate::vcard;

/// An engine that is due again at once so many times does not come to an end.
const CALLS_MAX: usize = 1_000;

/// A configuration file. What is accepted can be written and read back, and a host lives by it.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let config = match Config::parse(text) {
        Ok(config) => config,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    config.check().unwrap();
    let written = toml::to_string(&config).unwrap();
    assert_eq!(Config::parse(&written).unwrap(), config);

    let mut now = Now { tick: Tick(1_000), wall: Wall(1_790_000_000_000) };
    let mut engine = Engine::restore(config.engine(), Snapshot::default(), None, [1; 32], now).unwrap();
    let addresses = vec![([10, 0, 0, 1].into(), 24)];
    engine.handle_network(NetworkEvent::InterfaceUp { interface: Interface(0), addresses }, now);
    engine.handle_command(Command::Join, now).unwrap();
    let end = now.tick + Millis::from_secs(30);
    let mut calls = 0;
    loop {
        while let Some(commit) = engine.poll_commit() {
            engine.handle_committed(commit.seq, now);
        }
        while let Some(generation) = engine.poll_generation() {
            engine.handle_generation_kept(generation, now);
        }
        while engine.poll_transmit().is_some() || engine.poll_link().is_some() || engine.poll_event().is_some() {}
        let Some((due, _)) = engine.poll_timeout().filter(|(due, _)| *due <= end) else { return };
        calls += 1;
        assert!(calls <= CALLS_MAX, "the engine is due again and again: {due:?}");
        now.tick = now.tick.max(due);
        engine.handle_timeout(now);
    }
}

/// A file from an address book. Whom its cards name can be written as cards that name the same again.
pub fn vcard(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let lines = text.lines().count();
    for card in vcard::read(text) {
        assert!((1..=lines).contains(&card.line));
        let Some(uri) = card.uri.and_then(|uri| uri.parse::<PermessoUri>().ok()) else { continue };
        let contact = ContactView {
            friend: FriendId(0),
            host: uri.host_id(),
            key: uri.key,
            alias: uri.alias.clone().unwrap_or_default(),
            local_alias: card.name,
            state: FriendState::Unknown,
            verified: false,
            blocked: false,
        };
        let [again] = vcard::read(&vcard::write(&contact)).try_into().unwrap();
        assert!(again.is_whole);
        let again: PermessoUri = again.uri.unwrap().parse().unwrap();
        assert_eq!((again.key, again.alias.unwrap_or_default()), (contact.key, contact.alias));
    }
}

/// The stream of a link, in two parts cut anywhere: the frames are the same, and as long as they say.
pub fn stream(bytes: &[u8]) {
    let Some((cut, stream)) = bytes.split_first_chunk() else { return };
    let cut = usize::from(u16::from_be_bytes(*cut)) % (stream.len() + 1);
    let whole = frames(&[stream]);
    assert_eq!(frames(&[&stream[..cut], &stream[cut..]]), whole);
    assert!(whole.0.iter().all(|frame| frame.len() <= FRAME_MAX));
}

/// The frames in a stream that arrives in these parts, and whether it was broken off.
fn frames(parts: &[&[u8]]) -> (Vec<Vec<u8>>, bool) {
    let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
    for part in parts {
        buffer.extend_from_slice(part);
        loop {
            match split_frame(&mut buffer) {
                Split::Frame(frame) => frames.push(frame),
                Split::Incomplete => break,
                Split::TooLong => return (frames, true),
            }
        }
    }
    (frames, false)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_input_that_fuzzing_found_interesting_is_taken_well() {
        for (target, run) in [("config", config as fn(&[u8])), ("stream", stream), ("vcard", vcard)] {
            let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
            let inputs: Vec<_> = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
            assert!(!inputs.is_empty(), "no corpus for {target}");
            for input in inputs {
                println!("{}", input.display());
                run(&fs::read(input).unwrap());
            }
        }
    }
}
