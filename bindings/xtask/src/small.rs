//! Building the library for phones, and what keeps it small beside its profile.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use crate::cargo::cargo;
use crate::kotlin;

/// How what is to be relocated is packed. By lld, which links for this machine too where Rust brings it.
pub(crate) const PACKED: &str = "-z,pack-relative-relocs";

/// The same for Android, whose loader knows its own form of packed relocations since API 23.
pub(crate) const PACKED_FOR_ANDROID: &str = "--pack-dyn-relocs=android";

/// Arguments of rustc's for the linker. Functions that are alike are there once, and what is to be relocated is packed: 2 MB less; what
/// only generators of bindings read is left out: 0.05 MB.
pub(crate) fn link(root: &Path, packed: &str) -> [String; 6] {
    let without = format!("-T,{}", root.join("bindings/ffi/phones.ld").display());
    let argument = |what: &str| ["-C".to_owned(), format!("link-arg=-Wl,{what}")];
    let [[c1, icf], [c2, packed], [c3, without]] = [argument("--icf=all"), argument(packed), argument(&without)];
    [c1, icf, c2, packed, c3, without]
}

/// Folders of this machine that would stand in the places of panics and of what is logged, and what stands there instead; the last that
/// fits counts. Where crates lie takes 0.03 MB by itself.
pub(crate) fn remapped(root: &Path, target: &Path) -> Vec<(String, &'static str)> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let registries = registries.map(|registry| (format!("{}/", registry.path().display()), ""));
    // What scripts of crates write lies in the folder of what is built, which may be another than that of the sources.
    let built = (target.display().to_string(), "/permesso/target");
    let folders = [(home.display().to_string(), "/cargo"), (root.display().to_string(), "/permesso"), built];
    folders.into_iter().chain(registries).collect()
}

/// Where a register keeps the place of a frame, tables for unwinding need not say what each push moves: 0.2 MB less. On Apple's
/// systems one does anyway.
pub(crate) const FRAMES: &str = "-C force-frame-pointers=yes";

/// Where SQLite's build looks for flags.
pub(crate) const SQLITE_FLAGS: &str = "LIBSQLITE3_FLAGS";

/// What of SQLite nothing here uses: full-text and spatial indexes, statistics, extensions, JSON, dates, texts of 16 bits, and
/// interfaces of C that nobody calls. Tests have all of it; that the store needs none is seen where the small library is measured.
pub(crate) const SQLITE_WITHOUT: &str = "-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5 \
    -USQLITE_ENABLE_RTREE -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_STAT4 -USQLITE_SOUNDEX \
    -USQLITE_ENABLE_API_ARMOR -USQLITE_ENABLE_COLUMN_METADATA -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_JSON \
    -DSQLITE_OMIT_DATETIME_FUNCS -DSQLITE_OMIT_UTF16 -DSQLITE_OMIT_AUTHORIZATION -DSQLITE_OMIT_COMPLETE \
    -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_DESERIALIZE -DSQLITE_OMIT_GET_TABLE -DSQLITE_OMIT_INCRBLOB \
    -DSQLITE_OMIT_PROGRESS_CALLBACK -DSQLITE_OMIT_SHARED_CACHE -DSQLITE_OMIT_TCL_VARIABLE -DSQLITE_OMIT_TRACE \
    -DSQLITE_OMIT_COMPILEOPTION_DIAGS -DSQLITE_OMIT_DECLTYPE -DSQLITE_UNTESTABLE";

/// Nothing unwinds through C: what calls Rust back from there catches its panics. So [frames](FRAMES) serve nothing there either.
pub(crate) const C_FLAGS: &str = "-fno-asynchronous-unwind-tables -fno-unwind-tables -fomit-frame-pointer";

/// Builds the library for phones of the sources in `root` for this machine, linked as small as can be.
pub(crate) fn library(root: &Path, target: &Path, features: &[&str]) -> io::Result<PathBuf> {
    let build = |link: &[String]| {
        let mut command = cargo(&["rustc", "--locked", "--quiet", "--profile", "mobile", "--package", "permesso-ffi"]);
        command.args(["--crate-type", "cdylib"]).args(features);
        command.current_dir(root).env("CARGO_TARGET_DIR", target);
        command.env(SQLITE_FLAGS, SQLITE_WITHOUT).env("CFLAGS", C_FLAGS);
        let flags = env::var("RUSTFLAGS").unwrap_or_default();
        let flags = flags.split_whitespace().chain(FRAMES.split_whitespace()).map(str::to_owned);
        let remapped = remapped(root, target).into_iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
        // A folder may have a space in its name.
        let flags: Vec<String> = flags.chain(remapped).collect();
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
        command.arg("--").args(link).status()
    };
    let link = link(root, PACKED);
    if !build(&link)?.success() {
        eprintln!("the linker does not know {link:?}; without");
        kotlin::succeed("cargo rustc", build(&[])?)?;
    }
    Ok(target.join("mobile").join(kotlin::built_name()))
}

/// Without symbols, as it is shipped.
pub(crate) fn stripped(library: &Path, to: &Path) -> io::Result<PathBuf> {
    let status = Command::new("strip").arg("--strip-unneeded").arg("-o").arg(to).arg(library).status()?;
    kotlin::succeed("strip", status)?;
    Ok(to.to_owned())
}
