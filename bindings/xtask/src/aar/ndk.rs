//! Building the library for phones with Android's NDK.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::library::{ABIS, Abi, PAGE};
use crate::cargo::{cargo, target_folder, workspace_root};
use crate::small::{C_FLAGS, FRAMES, PACKED_FOR_ANDROID, SQLITE_FLAGS, SQLITE_WITHOUT, link, remapped};

/// The NDK that is used, and the oldest that lays libraries out for pages of 16 KiB by itself.
const NDK: &str = "r29 (r28 at least)";

/// How Android's tools call the one that is used.
pub(super) const NDK_VERSION: &str = "29.0.14206865";

/// The cargo-ndk whose arguments these are.
pub(super) const CARGO_NDK: &str = "4.1.2";

/// The oldest Android that is served.
pub(crate) const MIN_SDK: &str = "26";

/// What is missing for building for phones and how to get it; nothing if all is there.
pub(crate) fn missing() -> Vec<String> {
    let mut missing = Vec::new();
    if ndk_folder().is_none() {
        missing.push(format!(
            "Android's NDK {NDK}: `sdkmanager --install 'ndk;{NDK_VERSION}'` of Android's command-line tools, or \
             https://developer.android.com/ndk/downloads; then set ANDROID_NDK_HOME to its folder"
        ));
    }
    let quiet = cargo(&["ndk", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !quiet.is_ok_and(|status| status.success()) {
        missing.push(format!("cargo-ndk: `cargo install --locked cargo-ndk@{CARGO_NDK}`"));
    }
    let lacking: Vec<&str> = ABIS.iter().map(|abi| abi.target).filter(|target| !has_standard_library(target)).collect();
    if !lacking.is_empty() {
        missing.push(format!("Rust's standard library for phones: `rustup target add {}`", lacking.join(" ")));
    }
    missing
}

/// Builds the library for every kind of phone, with its symbols in `folder`; where each is without them, as it is published.
pub(crate) fn build(folder: &Path, stripped: &Path) -> io::Result<Vec<(Abi, PathBuf)>> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let mut command = cargo(&["ndk", "--platform", MIN_SDK]);
    for abi in ABIS {
        command.args(["--target", abi.name]);
        let flags = format!("CFLAGS_{}", abi.target.replace('-', "_"));
        let remapped = remapped(&workspace_root(), &target_folder())
            .into_iter()
            .map(|(from, to)| format!("\"-ffile-prefix-map={from}={to}\" "));
        command.env(flags, format!("{}{C_FLAGS}", remapped.collect::<String>()));
    }
    // A folder may have a space in its name.
    command.env("CC_SHELL_ESCAPED_FLAGS", "1");
    command.arg("--output-dir").arg(folder);
    // Of one kind alone: beside an `rlib` Cargo leaves out optimising across crates without a word.
    command.args(["rustc", "--locked", "--profile", "mobile", "-p", "permesso-ffi", "--lib", "--crate-type", "cdylib"]);
    command
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags().join("\u{1f}"))
        .env(SQLITE_FLAGS, SQLITE_WITHOUT);
    let status = command.status()?;
    if !status.success() {
        return Err(io::Error::other(format!("cargo ndk failed: {status}")));
    }
    let mut libraries = Vec::new();
    for abi in ABIS {
        let own = folder.join(abi.name);
        // By the name that apps load it by; Android Studio's build takes it from here, and keeps the symbols apart itself.
        let whole = own.join("libpermesso.so");
        fs::rename(own.join("libpermesso_ffi.so"), &whole)?;
        let place = stripped.join(abi.name);
        fs::create_dir_all(&place)?;
        let library = place.join("libpermesso.so");
        let status = Command::new(strip()?).arg("--strip-unneeded").arg("-o").arg(&library).arg(&whole).status()?;
        if !status.success() {
            return Err(io::Error::other(format!("llvm-strip failed: {status}")));
        }
        libraries.push((abi, library));
    }
    Ok(libraries)
}

/// Flags for phones: pages of 16 KiB, a small library, and nothing of this machine's folders in what is built.
fn rust_flags() -> Vec<String> {
    let pages = ["max-page-size", "common-page-size"].map(|which| format!("-Clink-arg=-Wl,-z,{which}={PAGE}"));
    let root = workspace_root();
    let remapped =
        remapped(&root, &target_folder()).into_iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
    let frames = FRAMES.split_whitespace().map(str::to_owned);
    pages.into_iter().chain(link(&root, PACKED_FOR_ANDROID)).chain(frames).chain(remapped).collect()
}

/// Where cargo-ndk looks too.
fn ndk_folder() -> Option<PathBuf> {
    let named =
        ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT", "NDK_HOME"].into_iter().filter_map(env::var_os).map(PathBuf::from);
    let sdks = ["ANDROID_HOME", "ANDROID_SDK_ROOT"].into_iter().filter_map(env::var_os).map(PathBuf::from);
    let inside =
        sdks.flat_map(|sdk| fs::read_dir(sdk.join("ndk")).into_iter().flatten().flatten().map(|entry| entry.path()));
    named.chain(inside).find(|folder| folder.join("toolchains/llvm").is_dir())
}

/// The NDK's own `strip`, which knows all its processors.
fn strip() -> io::Result<PathBuf> {
    let hosts = ndk_folder().map(|folder| folder.join("toolchains/llvm/prebuilt"));
    let hosts = hosts.map(fs::read_dir).transpose()?.into_iter().flatten().flatten();
    let name = format!("bin/llvm-strip{}", env::consts::EXE_SUFFIX);
    let mut found = hosts.map(|host| host.path().join(&name)).filter(|place| place.is_file());
    found.next().ok_or_else(|| io::Error::other("the NDK has no llvm-strip"))
}

fn has_standard_library(target: &str) -> bool {
    let asked = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
    asked.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    })
}
