//! A disk that can be filled: a small file system of its own, which only root can mount.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room for a new database with its log and some hundred messages.
const SIZE: &str = "size=1536k";

/// A small file system in memory, unmounted when dropped.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None, with a visible line, where this user may not mount.
    pub(crate) fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "permesso-test"]).arg(&at).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(at)),
            other => {
                // Not by `println!`, which the test harness keeps to itself.
                let _ = writeln!(std::io::stderr(), "SKIPPED: no small file system can be mounted here: {other:?}");
                None
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Takes all the room that is left; the file that takes it.
pub(crate) fn fill(disk: &SmallDisk) -> PathBuf {
    let ballast = disk.path().join("ballast");
    let mut size = 1 << 20;
    while size >= 512 {
        let file = fs::OpenOptions::new().create(true).append(true).open(&ballast).unwrap();
        let mut file = std::io::BufWriter::with_capacity(1, file);
        if std::io::Write::write_all(&mut file, &vec![7; size]).is_err() {
            size /= 2;
        }
    }
    ballast
}
