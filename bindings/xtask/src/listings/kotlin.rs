//! What `javap` says of a module's public classes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kotlin::succeed;

/// What the generated code has besides the types that apps meet: its own machinery, what is behind the layer of `org.permesso`, and what
/// only tests have.
const MACHINERY: [&str; 18] = [
    "Alive",
    "Disposable",
    "EventReader",
    "Ffi",
    "ForeignBytes",
    "Host.",
    "HostConfig",
    "HostLink.",
    "IntegrityCheckingUniffiLib",
    "InternalException",
    "JavaLangRef",
    "NoHandle",
    "PermessoKt",
    "ProgressException",
    "ProgressListener",
    "Rehearsed",
    "RescueListener",
    "RustBuffer",
];

/// What `javap` says of every public class of a package that is written here.
pub(super) fn signatures(module: &Path, package: &str) -> io::Result<String> {
    let listing = javap(files(&module.join("target/classes").join(package), "class")?)?;
    let mut internal = Vec::new();
    for path in self::files(&module.join("src/main/kotlin").join(package), "kt")? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        internal.extend(internal_classes(&name, &fs::read_to_string(&path)?));
    }
    Ok(public_classes(&listing, &internal))
}

/// What `javap` says of the types of a generated package that apps meet: what uniffi makes of Rust's may change by its settings alone.
pub(super) fn generated(module: &Path, package: &str) -> io::Result<String> {
    let mut files = files(&module.join("target/classes").join(package), "class")?;
    files.retain(|file| file.file_name().is_some_and(|name| is_met(&name.to_string_lossy())));
    Ok(met_members(&javap(files)?))
}

fn javap(mut files: Vec<PathBuf>) -> io::Result<String> {
    files.sort();
    let output = Command::new("javap").arg("-public").args(files).output()?;
    succeed("javap", output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether apps meet the class of a generated file.
fn is_met(file: &str) -> bool {
    let (class, inner) = file.trim_end_matches(".class").split_once('$').unwrap_or((file, ""));
    let inner = inner.rsplit('$').next().unwrap_or_default();
    let class = class.trim_end_matches(".class");
    !(file.to_lowercase().starts_with("uniffi")
        || MACHINERY.iter().any(|machinery| format!("{class}.").starts_with(machinery))
        || class.ends_with("Impl")
        || class.ends_with("Interface")
        || ["Companion", "ErrorHandler", "UniffiCleanAction"].contains(&inner))
}

/// The classes with those of their members that an author of apps calls.
fn met_members(listing: &str) -> String {
    let is_for_apps = |line: &str| {
        let name = line.split('(').next().and_then(|head| head.split_whitespace().last()).unwrap_or_default();
        let is_constructor = name.starts_with("org.");
        let every_record_has = name.starts_with("component")
            || ["toString", "hashCode", "equals", "Companion;", "ErrorHandler;"].contains(&name);
        !(line.contains("niffi")
            || line.contains("NoHandle")
            || every_record_has
            || (name.contains('$') && !is_constructor))
    };
    let lines = listing.lines().filter(|line| !line.starts_with("Compiled from "));
    lines.filter(|line| !line.starts_with(' ') || is_for_apps(line)).map(|line| format!("{line}\n")).collect()
}

fn files(folder: &Path, kind: &str) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let paths = paths.collect::<io::Result<Vec<PathBuf>>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == kind)).collect())
}

/// The classes that a source file makes for its module alone: public ones, as `javap` sees them.
fn internal_classes(name: &str, source: &str) -> Vec<String> {
    let declared = source.lines().filter_map(|line| line.strip_prefix("internal ")).filter_map(|rest| {
        let mut words = rest.split([' ', '(', '<', ':', '{']);
        words.find(|word| ["class", "object", "interface"].contains(word)).and_then(|_| words.next())
    });
    let mut classes: Vec<String> = declared.map(str::to_owned).collect();
    // What stands outside of classes is in one of the file's name.
    if !["public fun ", "public suspend fun ", "public inline fun ", "public val "]
        .into_iter()
        .any(|one| source.contains(&format!("\n{one}")))
    {
        classes.push(format!("{name}Kt"));
    }
    classes
}

/// Only classes that are public and not internal, without what the compiler adds for itself.
fn public_classes(listing: &str, internal: &[String]) -> String {
    let mut text = String::new();
    let mut is_public = false;
    for line in listing.lines().filter(|line| !line.starts_with("Compiled from ")) {
        let is_member = line.starts_with([' ', '}']);
        if !is_member {
            let is_internal = |name: &String| [' ', '<', '$'].iter().any(|end| line.contains(&format!(".{name}{end}")));
            is_public = line.starts_with("public ")
                && (!line.contains('$') || line.contains("$Companion "))
                && !internal.iter().any(is_internal);
        }
        if is_public && !(is_member && line.contains('$')) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_generated_the_listing_holds_what_apps_meet() {
        let met = [
            "Message",
            "Event$Notice",
            "PermessoException$InvalidInput",
            "Host",
            "HostLink",
            "HostLinkCarrier",
            "HostConfig",
            "KeyStoreImpl",
        ];
        let met = met.map(|name| format!("{name}.class")).into_iter().filter(|file| is_met(file)).collect::<Vec<_>>();
        assert_eq!(
            met,
            ["Message", "Event$Notice", "PermessoException$InvalidInput", "HostLinkCarrier"]
                .map(|it| format!("{it}.class"))
        );
        let not = [
            "Event$Companion",
            "Event$Notice$Companion",
            "FfiConverterString",
            "UniffiLib",
            "uniffiCallback",
            "HostLinkInterface",
        ];
        assert!(not.iter().all(|name| !is_met(&format!("{name}.class"))));
        let listing = "Compiled from \"permesso.kt\"\npublic final class org.permesso.ffi.A$B {\n  public static final \
            org.permesso.ffi.A$Companion Companion;\n  public final java.lang.String getId();\n  public final void setId(java.lang.String);\n  \
            public final boolean component1();\n  public static org.permesso.ffi.A$B copy$default(int);\n  public \
            org.permesso.ffi.A$B(java.lang.String);\n  public final long uniffiCloneHandle();\n}\n";
        let expected = "public final class org.permesso.ffi.A$B {\n  public final java.lang.String getId();\n  public final void \
            setId(java.lang.String);\n  public org.permesso.ffi.A$B(java.lang.String);\n}\n";
        assert_eq!(met_members(listing), expected);
    }

    #[test]
    fn the_listing_holds_public_classes_without_what_the_compiler_adds() {
        let listing = "Compiled from \"A.kt\"\npublic final class A {\n  public int a();\n  public int access$a();\n}\n\
            Compiled from \"B.kt\"\nfinal class B {\n  public int b();\n}\npublic class A$b$1 {\n  public int c();\n}\n";
        assert_eq!(public_classes(listing, &[]), "public final class A {\n  public int a();\n}\n");
    }

    #[test]
    fn the_listing_leaves_out_what_is_internal() {
        let source = "package a\n\ninternal class A(\n    x: Int,\n)\n\npublic class B\n\ninternal object C {\n\n\
            internal sealed interface E<T> {\n\ninternal fun d() = 1\n";
        let internal = internal_classes("File", source);
        assert_eq!(internal, ["A", "C", "E", "FileKt"]);
        assert_eq!(internal_classes("File", "package a\n\npublic fun d(): Int = 1\n"), [""; 0]);
        let listing = "public final class a.A {\n  public int a();\n}\npublic final class a.B {\n}\npublic final class \
            a.FileKt {\n}\npublic final class a.E<T> {\n}\npublic final class a.C$Companion {\n}\n";
        assert_eq!(public_classes(listing, &internal), "public final class a.B {\n}\n");
    }
}
