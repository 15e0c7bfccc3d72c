//! What we promise of the app's manifest, with all that libraries bring: which permissions it has, what other apps can reach, that no
//! backup takes anything, and that nothing goes over the network in the clear.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

/// Every permission of app and library, with the reason that the privacy answers give. One more is a decision, not an accident.
const PERMISSIONS: [&str; 12] = [
    "ACCESS_LOCAL_NETWORK",                // reaching others at all, from Android 17 on
    "ACCESS_NETWORK_STATE",                // which networks there are
    "ACCESS_WIFI_STATE",                   // the same
    "CAMERA",                              // scanning a code
    "CHANGE_WIFI_MULTICAST_STATE",         // hearing others call
    "FOREGROUND_SERVICE",                  // being reached while nobody looks
    "FOREGROUND_SERVICE_CONNECTED_DEVICE", // the same
    "INTERNET",                            // sockets, the local ones too
    "POST_NOTIFICATIONS",                  // telling of messages
    "READ_CONTACTS",                       // friends found again in the address book
    "RECEIVE_BOOT_COMPLETED",              // beginning with the device, if wanted
    "WRITE_CONTACTS",                      // friends saved there
];

/// What other apps can reach.
const EXPORTED: [&str; 1] = ["org.permesso.app.MainActivity"];

/// What the system alone can reach, by a permission that no app gets: Jetpack's receiver for the profile of the first start.
const OF_THE_SYSTEM: [(&str, &str); 1] =
    [("androidx.profileinstaller.ProfileInstallReceiver", "android.permission.DUMP")];

/// What an app asks of itself, so that no other can send what is meant for its own parts.
const OWN_PERMISSION: &str = ".DYNAMIC_RECEIVER_NOT_EXPORTED_PERMISSION";

/// Where Android keeps an app's files.
#[cfg(test)]
const DOMAINS: [&str; 5] = ["database", "external", "file", "root", "sharedpref"];

const ANDROID: &str = "http://schemas.android.com/apk/res/android";

pub(super) fn manifest_faults(manifest: &str) -> Vec<String> {
    let app = match Document::parse(manifest) {
        Ok(app) => app,
        Err(error) => return vec![error.to_string()],
    };
    let mut found = permission_faults(&app);
    let kinds = ["activity", "activity-alias", "service", "receiver", "provider"];
    for node in app.descendants().filter(|node| kinds.contains(&node.tag_name().name())) {
        let name = attribute(node, "name").unwrap_or("a component without a name");
        let is_of_the_system = OF_THE_SYSTEM.contains(&(name, attribute(node, "permission").unwrap_or_default()));
        match attribute(node, "exported") {
            None => found.push(format!("{name} does not say whether other apps reach it")),
            Some("true") if !EXPORTED.contains(&name) && !is_of_the_system => {
                found.push(format!("{name} can be reached by other apps"));
            }
            Some(_) => {}
        }
    }
    let application = app.descendants().find(|node| node.has_tag_name("application"));
    for (name, value) in [
        ("allowBackup", "false"),
        ("dataExtractionRules", "@xml/data_extraction_rules"),
        ("fullBackupContent", "@xml/full_backup_content"),
        ("networkSecurityConfig", "@xml/network_security_config"),
    ] {
        if application.and_then(|node| attribute(node, name)) != Some(value) {
            found.push(format!("android:{name} is not {value}"));
        }
    }
    for name in ["debuggable", "usesCleartextTraffic", "requestLegacyExternalStorage"] {
        if application.is_some_and(|node| attribute(node, name).is_some()) {
            found.push(format!("android:{name} should not be there"));
        }
    }
    found
}

fn permission_faults(app: &Document<'_>) -> Vec<String> {
    let of = |kind: &'static str| app.descendants().filter(move |node| node.tag_name().name().starts_with(kind));
    let own: BTreeSet<&str> = of("permission").filter_map(|node| attribute(node, "name")).collect();
    let mut found: Vec<String> = of("permission")
        .filter(|node| attribute(*node, "protectionLevel") != Some("signature"))
        .filter_map(|node| Some(format!("other apps can have {}", attribute(node, "name")?)))
        .collect();
    let wanted: BTreeSet<&str> = PERMISSIONS.into();
    let there: BTreeSet<&str> = of("uses-permission")
        .filter_map(|node| attribute(node, "name"))
        .filter(|name| !(name.ends_with(OWN_PERMISSION) && own.contains(name)))
        .map(|name| name.trim_start_matches("android.permission."))
        .collect();
    found.extend(there.difference(&wanted).map(|name| format!("the permission {name} is promised nowhere")));
    found.extend(wanted.difference(&there).map(|name| format!("the permission {name} is not asked for any more")));
    found
}

/// Every section excludes every place, and includes none.
#[cfg(test)]
fn backup_faults(rules: &str, sections: &[&str]) -> Vec<String> {
    let document = match Document::parse(rules) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    let mut found = Vec::new();
    for section in sections {
        let node = document.descendants().find(|node| node.has_tag_name(*section));
        let children: Vec<Node<'_, '_>> = node.into_iter().flat_map(|node| node.children()).collect();
        if children.iter().any(|child| child.has_tag_name("include")) {
            found.push(format!("{section} includes something"));
        }
        let excluded: BTreeSet<&str> = children
            .iter()
            .filter(|child| child.has_tag_name("exclude") && child.attribute("path").is_none_or(|path| path == "."))
            .filter_map(|child| child.attribute("domain"))
            .collect();
        found.extend(DOMAINS.iter().filter(|it| !excluded.contains(*it)).map(|it| format!("{section} lets {it} out")));
    }
    found
}

#[cfg(test)]
fn network_faults(config: &str) -> Vec<String> {
    let document = match Document::parse(config) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    let mut found = Vec::new();
    let base = document.descendants().find(|node| node.has_tag_name("base-config"));
    if base.and_then(|node| node.attribute("cleartextTrafficPermitted")) != Some("false") {
        found.push("base-config permits traffic in the clear".to_owned());
    }
    if document.descendants().any(|node| node.attribute("cleartextTrafficPermitted") == Some("true")) {
        found.push("something permits traffic in the clear".to_owned());
    }
    if document.descendants().any(|node| node.has_tag_name("certificates") && node.attribute("src") != Some("system")) {
        found.push("certificates other than the system's are trusted".to_owned());
    }
    found
}

/// Classes that the profile for the first start names and no source has: Android would ignore them, silently. Those that are
/// generated are left out.
#[cfg(test)]
fn profile_faults(profile: &str, sources: &[(String, String)]) -> Vec<String> {
    let classes = profile.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (_, rest) = line.split_once("Lorg/permesso/")?;
        Some(rest.split(';').next()?.to_owned())
    });
    let of_ours = classes.filter(|name| !["ffi/", "words/", "ui/words/"].iter().any(|start| name.starts_with(start)));
    let is_there = |name: &str| {
        let simple = name.rsplit('/').next().unwrap_or(name);
        sources.iter().any(|(file, text)| match (simple.strip_suffix("Kt"), simple.strip_suffix('*')) {
            (Some(of_file), _) => file == of_file,
            (_, Some(start)) => file.starts_with(start),
            _ => text.contains(&format!("class {simple}")) || text.contains(&format!("object {simple}")),
        })
    };
    let missing = of_ours.filter(|name| !is_there(name));
    missing.map(|name| format!("the profile names {name}, which is nowhere")).collect()
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attribute((ANDROID, name))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;
    use std::path::Path;

    use super::super::merge;
    use super::*;

    /// Everything that is not as we promise.
    fn faults(android: &Path) -> io::Result<Vec<String>> {
        let app = android.join("app/src/main");
        let read = |file: &str| fs::read_to_string(app.join(file));
        let mut found = manifest_faults(&whole(&read("AndroidManifest.xml")?, &[])?);
        found.extend(backup_faults(&read("res/xml/data_extraction_rules.xml")?, &["cloud-backup", "device-transfer"]));
        found.extend(backup_faults(&read("res/xml/full_backup_content.xml")?, &["full-backup-content"]));
        found.extend(network_faults(&read("res/xml/network_security_config.xml")?));
        Ok(found)
    }

    fn committed(file: &str) -> String {
        fs::read_to_string(crate::cargo::workspace_root().join("android").join(file)).unwrap()
    }

    /// The app's manifest with our own library's and those.
    fn whole(app: &str, libraries: &[String]) -> io::Result<String> {
        let own = committed("permesso-android/src/main/AndroidManifest.xml");
        merge::merged(app, &[&[own], libraries].concat(), "org.permesso.app")
    }

    fn of_manifest(change: impl Fn(&str) -> String) -> Vec<String> {
        let sound = committed("app/src/main/AndroidManifest.xml");
        let changed = change(&sound);
        assert_ne!(changed, sound, "the change must find something to change");
        manifest_faults(&whole(&changed, &[]).unwrap())
    }

    /// What is told where a library's manifest has that in it.
    fn with_library(inside: &str) -> Vec<String> {
        let library = format!("<manifest xmlns:android=\"{ANDROID}\" package=\"lib\">{inside}</manifest>");
        manifest_faults(&whole(&committed("app/src/main/AndroidManifest.xml"), &[library]).unwrap())
    }

    #[test]
    fn what_a_library_brings_into_the_app_is_told() {
        assert_eq!(
            with_library("<uses-permission android:name=\"android.permission.READ_PHONE_STATE\"/>"),
            ["the permission READ_PHONE_STATE is promised nowhere"]
        );
        let receiver = |permission: &str| {
            with_library(&format!(
                "<application><receiver android:name=\"androidx.profileinstaller.ProfileInstallReceiver\" \
                 android:exported=\"true\"{permission}/></application>"
            ))
        };
        assert_eq!(receiver(" android:permission=\"android.permission.DUMP\""), [""; 0]);
        assert_eq!(receiver(""), ["androidx.profileinstaller.ProfileInstallReceiver can be reached by other apps"]);
        let own = "android:name=\"${applicationId}.DYNAMIC_RECEIVER_NOT_EXPORTED_PERMISSION\"";
        let asked = format!("<uses-permission {own}/>");
        assert_eq!(with_library(&format!("<permission {own} android:protectionLevel=\"signature\"/>{asked}")), [""; 0]);
        let name = "org.permesso.app.DYNAMIC_RECEIVER_NOT_EXPORTED_PERMISSION";
        assert_eq!(
            with_library(&format!("<permission {own} android:protectionLevel=\"normal\"/>{asked}")),
            [format!("other apps can have {name}")]
        );
        assert_eq!(with_library(&asked), [format!("the permission {name} is promised nowhere")]);
    }

    #[test]
    fn the_app_is_as_we_promise() {
        assert_eq!(faults(&crate::cargo::workspace_root().join("android")).unwrap(), [""; 0]);
    }

    /// The Kotlin of the app, by the names of its files.
    fn sources() -> io::Result<Vec<(String, String)>> {
        let android = crate::cargo::workspace_root().join("android");
        let mut found = Vec::new();
        for module in [
            "permesso/src/main/kotlin/org/permesso",
            "ui/src/main/kotlin/org/permesso/ui",
            "app/src/main/kotlin/org/permesso/app",
        ] {
            for entry in fs::read_dir(android.join(module))? {
                let file = entry?.path();
                let Some(name) = file.file_stem().filter(|_| file.is_file()) else { continue };
                found.push((name.to_string_lossy().into_owned(), fs::read_to_string(&file)?));
            }
        }
        Ok(found)
    }

    #[test]
    fn what_the_profile_for_the_first_start_names_is_there() {
        let profile = committed("app/src/main/baseline-prof.txt");
        assert_eq!(profile_faults(&profile, &sources().unwrap()), [""; 0]);
        let gone = profile
            .replace("PhoneHost;", "TheHost;")
            .replace("PartsKt;", "PiecesKt;")
            .replace("Conversation*", "Talk*");
        let told = ["app/TheHost", "ui/PiecesKt", "ui/Talk*"]
            .map(|name| format!("the profile names {name}, which is nowhere"));
        assert_eq!(profile_faults(&gone, &sources().unwrap()), told);
    }

    #[test]
    fn another_permission_or_one_less_is_told() {
        let more = of_manifest(|it| {
            it.replacen(
                "<application",
                "<uses-permission android:name=\"android.permission.READ_SMS\" /><application",
                1,
            )
        });
        assert_eq!(more, ["the permission READ_SMS is promised nowhere"]);
        let less = of_manifest(|it| it.replace("android.permission.CAMERA", "android.permission.READ_CONTACTS"));
        assert_eq!(less, ["the permission CAMERA is not asked for any more"]);
    }

    #[test]
    fn what_other_apps_could_reach_is_told() {
        let open = of_manifest(|it| it.replace("android:exported=\"false\"", "android:exported=\"true\""));
        assert!(
            open.iter().any(|it| it.contains("BootReceiver")) && open.iter().any(|it| it.contains("FileProvider")),
            "{open:?}"
        );
        let silent = of_manifest(|it| it.replace("android:exported=\"true\"", ""));
        assert_eq!(silent, ["org.permesso.app.MainActivity does not say whether other apps reach it"]);
    }

    #[test]
    fn what_a_backup_would_take_is_told() {
        assert_eq!(
            of_manifest(|it| it.replace("allowBackup=\"false\"", "allowBackup=\"true\"")),
            ["android:allowBackup is not false"]
        );
        let rules = committed("app/src/main/res/xml/data_extraction_rules.xml").replacen(
            "<exclude domain=\"database\" />",
            "",
            1,
        );
        assert_eq!(backup_faults(&rules, &["cloud-backup", "device-transfer"]), ["cloud-backup lets database out"]);
    }

    #[test]
    fn traffic_in_the_clear_is_told() {
        let open = committed("app/src/main/res/xml/network_security_config.xml").replace("\"false\"", "\"true\"");
        assert_eq!(network_faults(&open).len(), 2);
        let other = committed("app/src/main/res/xml/network_security_config.xml").replace("\"system\"", "\"user\"");
        assert_eq!(network_faults(&other), ["certificates other than the system's are trusted"]);
    }
}
