//! Zip archives that are the same bytes whoever makes them, and reading what is in one.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// The permissions of every entry, whatever the umask was.
const MODE: u32 = 0o644;
/// The same of folders.
const FOLDER_MODE: u32 = 0o755;

/// What goes into an archive, by the name it has there; sorted, so that the order is always the same.
pub(crate) type Entries = BTreeMap<String, Vec<u8>>;

/// Packs entries: in the order of their names, all at the beginning of 1980 (the earliest time a zip can say), compressed.
pub(crate) fn packed(entries: &Entries) -> io::Result<Vec<u8>> {
    write(entries, CompressionMethod::Deflated)
}

/// The same without compression.
pub(crate) fn stored(entries: &Entries) -> io::Result<Vec<u8>> {
    write(entries, CompressionMethod::Stored)
}

fn write(entries: &Entries, method: CompressionMethod) -> io::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(DateTime::default())
        .unix_permissions(MODE);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(name.as_str(), options)?;
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// Gives everything in a jar that Maven made the permissions it has under a usual umask: Maven takes those of the sources, which
/// are as whoever checked them out has it. Order, times and content stay.
pub(crate) fn set_plain_modes(jar: &Path) -> io::Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(fs::read(jar)?))?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index)?;
        let mode = if file.is_dir() { FOLDER_MODE } else { MODE };
        let time = file.last_modified().unwrap_or_default();
        writer.raw_copy_file_touch(file, time, Some(mode))?;
    }
    fs::write(jar, writer.finish()?.into_inner())
}

/// Everything in an archive but its folders.
pub(crate) fn unpacked(archive: &[u8]) -> io::Result<Entries> {
    let mut archive = ZipArchive::new(Cursor::new(archive))?;
    let mut entries = Entries::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        if file.is_dir() {
            continue;
        }
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        entries.insert(file.name()?.into_owned(), content);
    }
    Ok(entries)
}

/// Adds the files below a folder that are wanted, named by their paths from there.
pub(crate) fn add_folder(entries: &mut Entries, folder: &Path, wanted: &dyn Fn(&str) -> bool) -> io::Result<()> {
    add_below(entries, folder, "", wanted)
}

fn add_below(entries: &mut Entries, folder: &Path, prefix: &str, wanted: &dyn Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            add_below(entries, &entry.path(), &format!("{name}/"), wanted)?;
        } else if wanted(&name) {
            let content = fs::read(entry.path())?;
            if entries.insert(name.clone(), content).is_some() {
                return Err(io::Error::other(format!("{name} comes from two places")));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_jar_does_not_tell_the_umask_under_which_its_sources_were_checked_out() {
        let folder = tempfile::tempdir().unwrap();
        let made = |name: &str, file: u32, directory: u32| {
            let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            writer.add_directory("org/", options.unix_permissions(directory)).unwrap();
            writer.start_file("META-INF/MANIFEST.MF", options.unix_permissions(file)).unwrap();
            writer.write_all(b"Manifest-Version: 1.0\n").unwrap();
            let place = folder.path().join(name);
            fs::write(&place, writer.finish().unwrap().into_inner()).unwrap();
            place
        };
        let [ours, theirs] = [made("ours.jar", 0o644, 0o755), made("theirs.jar", 0o600, 0o700)];
        assert_ne!(fs::read(&ours).unwrap(), fs::read(&theirs).unwrap());
        for jar in [&ours, &theirs] {
            set_plain_modes(jar).unwrap();
        }
        let ours = fs::read(&ours).unwrap();
        assert_eq!(ours, fs::read(&theirs).unwrap());
        assert_eq!(unpacked(&ours).unwrap()["META-INF/MANIFEST.MF"], b"Manifest-Version: 1.0\n");
    }

    #[test]
    fn an_archive_depends_on_nothing_but_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("b/c"), "two").unwrap();
        fs::write(folder.path().join("a"), "one").unwrap();
        fs::write(folder.path().join("left out"), "three").unwrap();
        let mut entries = Entries::new();
        add_folder(&mut entries, folder.path(), &|name| name != "left out").unwrap();
        assert_eq!(entries.keys().collect::<Vec<_>>(), ["a", "b/c"]);
        let first = packed(&entries).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2_100));
        assert_eq!(packed(&entries).unwrap(), first);
        assert_eq!(unpacked(&first).unwrap(), entries);
        assert!(add_folder(&mut entries, folder.path(), &|_| true).is_err(), "from two places");
    }
}
