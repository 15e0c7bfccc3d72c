//! What keeps the library for phones small beside its profile.

/// Functions that are alike are there once, and what is to be relocated is packed: 2 MB less. By lld, which links for this machine
/// too where Rust brings it.
pub(crate) const LINK: [&str; 4] = ["-C", "link-arg=-Wl,--icf=all", "-C", "link-arg=-Wl,-z,pack-relative-relocs"];

/// The same for Android, whose loader knows its own form of packed relocations since API 23.
pub(crate) const LINK_FOR_ANDROID: [&str; 4] =
    ["-C", "link-arg=-Wl,--icf=all", "-C", "link-arg=-Wl,--pack-dyn-relocs=android"];

/// Where SQLite's build looks for flags.
pub(crate) const SQLITE_FLAGS: &str = "LIBSQLITE3_FLAGS";

/// What of SQLite nothing here uses, 0.3 MB: full-text and spatial indexes, statistics, extensions.
pub(crate) const SQLITE_WITHOUT: &str = "-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5 \
    -USQLITE_ENABLE_RTREE -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_STAT4 -USQLITE_SOUNDEX \
    -DSQLITE_OMIT_LOAD_EXTENSION";
