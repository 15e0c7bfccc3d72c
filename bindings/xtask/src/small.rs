//! What keeps the library for phones small beside its profile.

use std::path::PathBuf;
use std::{env, fs};

use crate::cargo::workspace_root;

/// How what is to be relocated is packed. By lld, which links for this machine too where Rust brings it.
pub(crate) const PACKED: &str = "-z,pack-relative-relocs";

/// The same for Android, whose loader knows its own form of packed relocations since API 23.
pub(crate) const PACKED_FOR_ANDROID: &str = "--pack-dyn-relocs=android";

/// Arguments of rustc's for the linker. Functions that are alike are there once, and what is to be relocated is packed: 2 MB less; what
/// only generators of bindings read is left out: 0.05 MB.
pub(crate) fn link(packed: &str) -> [String; 6] {
    let without = format!("-T,{}", workspace_root().join("bindings/ffi/phones.ld").display());
    let argument = |what: &str| ["-C".to_owned(), format!("link-arg=-Wl,{what}")];
    let [[c1, icf], [c2, packed], [c3, without]] = [argument("--icf=all"), argument(packed), argument(&without)];
    [c1, icf, c2, packed, c3, without]
}

/// Folders of this machine that would stand in the places of panics and of what is logged, and what stands there instead; the last that
/// fits counts. Where crates lie takes 0.03 MB by itself.
pub(crate) fn remapped() -> Vec<(String, &'static str)> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let registries = registries.map(|registry| (format!("{}/", registry.path().display()), ""));
    let folders = [(home.display().to_string(), "/cargo"), (workspace_root().display().to_string(), "/permesso")];
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
    -DSQLITE_OMIT_PROGRESS_CALLBACK -DSQLITE_OMIT_SHARED_CACHE -DSQLITE_OMIT_TCL_VARIABLE -DSQLITE_OMIT_TRACE";

/// Nothing unwinds through C: what calls Rust back from there catches its panics. So [frames](FRAMES) serve nothing there either.
pub(crate) const C_FLAGS: &str = "-fno-asynchronous-unwind-tables -fno-unwind-tables -fomit-frame-pointer";
