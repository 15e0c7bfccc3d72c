//! What a native library must be for the phones it goes to.

use object::elf::{DT_NEEDED, EM_386, EM_AARCH64, EM_ARM, EM_X86_64, PT_LOAD};
use object::read::elf::{Dyn, ElfFile32, ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSymbol};

/// A processor of phones, by the name its folder has in an AAR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Abi {
    pub(crate) name: &'static str,
    /// Rust's name of it.
    pub(crate) target: &'static str,
    machine: u16,
}

/// The processors that are served: phones, PDAs of firms, emulators and Chromebooks.
pub(crate) const ABIS: [Abi; 3] = [
    Abi { name: "arm64-v8a", target: "aarch64-linux-android", machine: EM_AARCH64 },
    Abi { name: "armeabi-v7a", target: "armv7-linux-androideabi", machine: EM_ARM },
    Abi { name: "x86_64", target: "x86_64-linux-android", machine: EM_X86_64 },
];

/// How large the pages of newer phones are: Google Play refuses 64-bit libraries that cannot be laid on such.
pub(crate) const PAGE: u64 = 16_384;

/// What Android itself gives to libraries (NDK, stable APIs).
const OF_ANDROID: [&str; 5] = ["libandroid.so", "libc.so", "libdl.so", "liblog.so", "libm.so"];

/// What a library is allowed to show: what uniffi's generated code calls and, where the linker does not leave that out, what its generators
/// read, and what Java looks for when it loads one.
const SHOWN: [&str; 4] = ["uniffi_permesso_ffi_", "ffi_permesso_ffi_", "UNIFFI_META_", "JNI_On"];

/// What is wrong with a library; nothing if it can go to phones of this kind.
pub(crate) fn faults(library: &[u8], abi: Abi) -> Result<Vec<String>, object::Error> {
    match object::FileKind::parse(library)? {
        object::FileKind::Elf32 => faults_of(&ElfFile32::<Endianness>::parse(library)?, library, abi),
        object::FileKind::Elf64 => faults_of(&ElfFile64::<Endianness>::parse(library)?, library, abi),
        other => Ok(vec![format!("it is no ELF library but {other:?}")]),
    }
}

/// The same of a library for this machine, which takes the place of one for phones in the checks: it needs this machine's
/// libraries, has its pages, and symbols for who looks for a mistake.
pub(crate) fn faults_of_stand_in(library: &[u8], abi: Abi) -> Result<Vec<String>, object::Error> {
    let alone = ["it needs ", "its part at ", "it has symbols "];
    let of_phones_alone = |fault: &String| alone.iter().any(|begin| fault.starts_with(begin));
    Ok(faults(library, abi)?.into_iter().filter(|fault| !of_phones_alone(fault)).collect())
}

fn faults_of<'data, Elf: FileHeader<Endian = Endianness>>(
    file: &object::read::elf::ElfFile<'data, Elf>,
    data: &'data [u8],
    abi: Abi,
) -> Result<Vec<String>, object::Error> {
    let mut faults = Vec::new();
    let endian = file.endian();
    let machine = file.elf_header().e_machine(endian);
    if machine != abi.machine {
        faults.push(format!("it is for machine {machine}, not {} ({})", abi.machine, abi.name));
    }
    for part in file.elf_program_headers() {
        let alignment: u64 = part.p_align(endian).into();
        if file.is_64() && part.p_type(endian) == PT_LOAD && alignment < PAGE {
            let place: u64 = part.p_vaddr(endian).into();
            faults.push(format!("its part at {place:#x} is aligned to {alignment} bytes, and pages may have {PAGE}"));
        }
    }
    for needed in needed(file, data)? {
        if !OF_ANDROID.contains(&needed.as_str()) {
            faults.push(format!("it needs {needed}, which Android does not give to apps"));
        }
    }
    let shown: Vec<&str> =
        file.dynamic_symbols().filter(|one| one.is_definition()).filter_map(|one| one.name().ok()).collect();
    for symbol in shown.iter().filter(|symbol| !SHOWN.iter().any(|known| symbol.starts_with(known))) {
        faults.push(format!("it exports {symbol}, which is nobody's business"));
    }
    if !shown.iter().any(|symbol| symbol.starts_with("ffi_permesso_ffi_")) {
        faults.push("it exports nothing that Kotlin could call".to_owned());
    }
    if file.symbols().next().is_some() {
        faults.push("it has symbols that only debuggers read: strip it".to_owned());
    }
    Ok(faults)
}

/// The libraries it cannot be loaded without.
fn needed<'data, Elf: FileHeader<Endian = Endianness>>(
    file: &object::read::elf::ElfFile<'data, Elf>,
    data: &'data [u8],
) -> Result<Vec<String>, object::Error> {
    let endian = file.endian();
    let sections = file.elf_section_table();
    let Some((entries, strings)) = sections.dynamic(endian, data)? else { return Ok(Vec::new()) };
    let strings = sections.strings(endian, data, strings)?;
    let mut names = Vec::new();
    for entry in entries {
        if entry.tag(endian) == DT_NEEDED {
            names.push(String::from_utf8_lossy(entry.string(endian, strings)?).into_owned());
        }
    }
    Ok(names)
}

/// The kind of phone whose processor is this machine's, if there is one.
pub(crate) fn abi_of_this_machine() -> Option<Abi> {
    let machine = match std::env::consts::ARCH {
        "x86_64" => EM_X86_64,
        "aarch64" => EM_AARCH64,
        "arm" => EM_ARM,
        "x86" => EM_386,
        _ => return None,
    };
    ABIS.into_iter().find(|abi| abi.machine == machine)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::process::Command;

    use super::*;

    /// A library of the C compiler that builds for this machine.
    fn library(source: &str, arguments: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a.c"), folder.path().join("a.so"));
        std::fs::write(&from, source).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-nostdlib", "-o"]).arg(&to).arg(&from).args(arguments);
        assert!(compiler.status().unwrap().success());
        std::fs::read(to).unwrap()
    }

    const GOOD: &str = "int ffi_permesso_ffi_a(void) { return 1; }";

    #[test]
    fn a_library_for_large_pages_that_shows_its_functions_alone_is_sound() {
        let Some(abi) = abi_of_this_machine() else { return };
        let sound = library(GOOD, &["-s", "-Wl,-z,max-page-size=16384"]);
        assert_eq!(faults(&sound, abi).unwrap(), [""; 0]);
        let other = ABIS.into_iter().find(|one| one.name == "armeabi-v7a").unwrap();
        assert_eq!(faults(&sound, other).unwrap().len(), 1, "another machine");
    }

    #[test]
    fn small_pages_foreign_libraries_and_symbols_nobody_needs_are_told() {
        let Some(abi) = abi_of_this_machine() else { return };
        let small = faults(&library(GOOD, &["-s", "-Wl,-z,max-page-size=4096"]), abi).unwrap();
        assert!(small.iter().all(|fault| fault.contains("aligned to 4096")) && !small.is_empty(), "{small:?}");
        let more = format!("{GOOD} int sqlite3_open(void) {{ return 1; }}");
        let more = faults(&library(&more, &["-s", "-Wl,-z,max-page-size=16384"]), abi).unwrap();
        assert_eq!(more, ["it exports sqlite3_open, which is nobody's business"]);
        let needs = ["-s", "-Wl,-z,max-page-size=16384", "-Wl,--no-as-needed", "-lm"];
        let needs = faults(&library(GOOD, &needs), abi).unwrap();
        assert_eq!(needs, ["it needs libm.so.6, which Android does not give to apps"]);
        let whole = faults(&library(GOOD, &["-Wl,-z,max-page-size=16384"]), abi).unwrap();
        assert_eq!(whole, ["it has symbols that only debuggers read: strip it"]);
        assert_eq!(faults_of_stand_in(&library(GOOD, &[]), abi).unwrap(), [""; 0]);
        let nothing = faults(&library("static int a;", &["-s", "-Wl,-z,max-page-size=16384"]), abi).unwrap();
        assert_eq!(nothing, ["it exports nothing that Kotlin could call"]);
        assert!(faults(b"something else", abi).is_err());
    }
}
