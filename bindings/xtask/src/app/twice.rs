//! Whether the same sources give the same app in another folder and under another umask, as far as it can be made here: everything
//! but the library for phones and what Gradle does with what aapt2 and R8 have made.

use std::fs;
use std::io;

use super::{Place, dex};
use crate::aar::{archive, maven, reproducible};
use crate::testing::Tally;

/// Makes everything once more, elsewhere, readable by nobody else, and compares.
pub(super) fn check(here: &Place) -> io::Result<Tally> {
    if !cfg!(unix) {
        println!("SKIPPED: reproducing the app, for there is no umask here");
        return Ok(Tally::default());
    }
    let folder = here.work.join("built elsewhere");
    reproducible::copy_sources(&folder, &reproducible::KOTLIN)?;
    let there = Place { android: folder.join("android"), work: folder.join("work"), umask: "077" };
    maven::lay_again(&here.android, &there.android)?;
    if let Some(lacking) = there.lay_jetpack()? {
        return Err(io::Error::other(format!("Jetpack's libraries are gone meanwhile ({lacking})")));
    }
    if let Some(said) = there.lay_names()? {
        return Err(io::Error::other(format!("the app's resources are wrong elsewhere:\n{said}")));
    }
    maven::package_app(&there.android)?;
    // What is here was linked with a planted mistake last.
    if here.lay_names()?.is_some() || !dex::shrunk(&there)? {
        return Ok(Tally::failure("the app could not be linked or shrunk a second time"));
    }
    Ok(reproducible::compared("the app, not signed", &assembled(here)?, &assembled(&there)?))
}

/// The app as a phone would install it, but for the library and a signature.
fn assembled(place: &Place) -> io::Result<Vec<u8>> {
    let mut whole = archive::unpacked(&fs::read(place.work.join("linked.apk"))?)?;
    whole.extend(archive::unpacked(&fs::read(place.work.join(dex::DEX))?)?);
    let apk = archive::stored(&whole)?;
    fs::write(place.work.join("unsigned.apk"), &apk)?;
    Ok(apk)
}
