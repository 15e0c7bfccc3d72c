//! What this machine can do, whatever the program.

use std::fs::File;
use std::io::Write as _;
use std::net::UdpSocket;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Instant;

use permesso_engine::identity::Identity;
use permesso_engine::rows::{Commit, CommitSeq, RecordKey, Table, Write};
use permesso_store::{Done, Key, Store};

use crate::Outcome;
use crate::spread::Spread;

/// Each limit is the median of so many.
const TIMES: u64 = 500;

/// What this machine takes for the parts everything is made of, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// 1 kB appended to a file and synced.
    pub fsync: f64,
    /// 200 B there and back by UDP on the loopback.
    pub round_trip: f64,
    /// One row of 700 B, as large as a ratchet, committed by the store.
    pub commit: f64,
    /// One Ed25519 signature made.
    pub sign: f64,
}

impl Limits {
    /// Measures all of them, on the disk of `folder`.
    ///
    /// # Errors
    /// A file, a socket or the store cannot be used.
    pub fn measure(folder: &Path) -> Outcome<Self> {
        Ok(Self { fsync: fsync(folder)?, round_trip: round_trip()?, commit: commit(folder)?, sign: sign() })
    }

    /// What one message from API to API cannot do without: a commit at either end, and there and back once.
    pub fn message(&self) -> f64 {
        2.0 * self.commit + self.round_trip
    }
}

fn fsync(folder: &Path) -> Outcome<f64> {
    let mut file = File::create(folder.join("append"))?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let start = Instant::now();
        file.write_all(&[7; 1_024])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    Ok(Spread::of_times(times).median())
}

fn round_trip() -> Outcome<f64> {
    let (near, far) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    near.connect(far.local_addr()?)?;
    far.connect(near.local_addr()?)?;
    let rounds = 4 * TIMES;
    let echo = std::thread::spawn(move || {
        let mut buffer = [0; 512];
        for _ in 0..rounds {
            let length = far.recv(&mut buffer)?;
            far.send(buffer.get(..length).unwrap_or_default())?;
        }
        Ok::<_, std::io::Error>(())
    });
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        near.send(&[7; 200])?;
        near.recv(&mut [0; 512])?;
        times.push(start.elapsed());
    }
    echo.join().map_err(|_| "the echo failed")??;
    Ok(Spread::of_times(times).median())
}

fn commit(folder: &Path) -> Outcome<f64> {
    let (reports, done) = channel();
    let (store, _) = Store::open(folder.join("limits"), Some(Key::generate()?), move |report| {
        // Nobody waits any more when the last one is reported.
        let _ = reports.send(report);
    })?;
    let key = RecordKey { table: Table::Pairing, row: 1 };
    let mut times = Vec::new();
    for seq in 1..=TIMES {
        let start = Instant::now();
        let row = Write::Put { key, value: vec![seq as u8; 700], body: None };
        store.commit(Commit { seq: CommitSeq(seq), writes: vec![row] })?;
        match done.recv()? {
            Done::Committed(_) => times.push(start.elapsed()),
            Done::Failed { error, .. } => return Err(error.into()),
        }
    }
    Ok(Spread::of_times(times).median())
}

fn sign() -> f64 {
    let identity = Identity::from_secret([7; 32]);
    let mut times = Vec::new();
    for number in 0..TIMES {
        let start = Instant::now();
        std::hint::black_box(identity.sign("permesso/bench/v1", &number.to_be_bytes()));
        times.push(start.elapsed());
    }
    Spread::of_times(times).median()
}
