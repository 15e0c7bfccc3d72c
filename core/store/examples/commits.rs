//! How fast commits become durable on this disk, beside what the disk itself takes:
//! `cargo run --release -p permesso-store --example commits [FOLDER]`.

use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use permesso_engine::ids::{FriendId, MessageId, MessageKey};
use permesso_engine::rows::{Commit, CommitSeq, MessageRow, RecordKey, StoredState, Table, Write};
use permesso_engine::time::Wall;
use permesso_store::{Done, Key, Store};

const SINGLE: u64 = 1_000;
const BURST: u64 = 20_000;
/// Commits handed over before the first report is awaited, as a pipelining sender does.
const IN_FLIGHT: u64 = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let parent = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = parent.join(format!("permesso-commits-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let measured = measure(&folder);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let mut disk = append_and_sync(&folder.join("appended"))?;
    println!("append 500 B and fsync    p50 {:>8.1?}", median(&mut disk));

    let (reports, done) = channel();
    let store_folder = folder.join("store");
    let key = Key::generate()?;
    let (store, _) = Store::open(&store_folder, Some(key.clone()), move |report| drop(reports.send(report)))?;
    let mut row_times = Vec::new();
    let mut pair_times = Vec::new();
    for number in 1..=SINGLE {
        row_times.push(one(&store, &done, commit(2 * number - 1, vec![session(number)]))?);
        pair_times.push(one(&store, &done, commit(2 * number, vec![message(number), session(number)]))?);
    }
    println!("commit of one row         p50 {:>8.1?}", median(&mut row_times));
    println!("message and session row   p50 {:>8.1?}", median(&mut pair_times));

    let start = Instant::now();
    let (mut handed, mut confirmed) = (2 * SINGLE, 2 * SINGLE);
    while confirmed < 2 * SINGLE + BURST {
        while handed < 2 * SINGLE + BURST && handed - confirmed < IN_FLIGHT {
            handed += 1;
            store.commit(commit(handed, vec![message(handed), session(handed)]))?;
        }
        confirmed = through(&done)?;
    }
    let burst = start.elapsed();
    let each = burst / u32::try_from(BURST)?;
    println!("pipelined, {IN_FLIGHT} in flight  {:.0} messages/s, {each:.1?} each", BURST as f64 / burst.as_secs_f64());

    let start = Instant::now();
    let hits = store.reader().search("no such words", 20)?.len();
    println!("search of {} texts, {hits} hits   {:.1?}", SINGLE + BURST, start.elapsed());
    drop(store);
    let start = Instant::now();
    let (_store, snapshot) = Store::open(&store_folder, Some(key), |_| {})?;
    println!("open {} messages            {:.1?}", snapshot.messages.len(), start.elapsed());
    Ok(())
}

fn append_and_sync(path: &std::path::Path) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut file = File::create(path)?;
    let mut times = Vec::new();
    for _ in 0..SINGLE {
        let start = Instant::now();
        file.write_all(&[7; 500])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    Ok(times)
}

fn one(store: &Store, done: &Receiver<Done>, commit: Commit) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    store.commit(commit)?;
    through(done)?;
    Ok(start.elapsed())
}

fn through(done: &Receiver<Done>) -> Result<u64, Box<dyn Error>> {
    match done.recv()? {
        Done::Committed(seq) => Ok(seq.0),
        Done::Failed { error, .. } => Err(error.into()),
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn commit(seq: u64, writes: Vec<Write>) -> Commit {
    Commit { seq: CommitSeq(seq), writes }
}

/// A ratchet as large as vodozemac's.
fn session(number: u64) -> Write {
    let key = RecordKey { table: Table::Pairing, row: 1 };
    Write::Put { key, value: vec![number as u8; 700], body: None }
}

fn message(number: u64) -> Write {
    let id = |number: u64| MessageId(u128::from(number).to_be_bytes());
    Write::AddMessage(MessageRow {
        key: MessageKey(number),
        friend: FriendId(1),
        id: id(number),
        mine: false,
        order: number,
        local_time: Wall(number),
        send_time: Wall(number),
        state: StoredState::Delivered,
        unread: true,
        parents: vec![id(number.saturating_sub(1))],
        text: format!(
            "Message {number}: as long as what people write to each other, about a hundred letters and a few more."
        ),
    })
}
