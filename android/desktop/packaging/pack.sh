#!/usr/bin/env bash
# Packs the window's jar with a Java of its own, for this system: pack.sh TYPE JAR VERSION FOLDER, where TYPE is deb, dmg or msi.
# What is packed opens `permesso:` links on Linux and macOS; jpackage cannot register them on Windows (the README says how).
set -euo pipefail

readonly type=$1 jar=$2 version=$3 folder=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Beside the jar nothing else is packed. Here, for Windows' jpackage knows no folder as bash calls it.
input=$(mktemp -d packed.XXXXXX)
work=$(mktemp -d packing.XXXXXX)
trap 'rm -r "$input" "$work"' EXIT
cp "$jar" "$input"

# Where programs are looked for; on macOS all are in one place. A version there may not begin with 0.
number=$version
case $type in
  deb)
    picture=png
    of_system=(--linux-shortcut --linux-menu-group "Network;InstantMessaging" --resource-dir "$here/linux")
    # Which every system reads that installs such packages; what Ubuntu's writes by itself not every Debian's does.
    export DPKG_DEB_COMPRESSOR_TYPE="${DPKG_DEB_COMPRESSOR_TYPE:-xz}"
    ;;
  dmg)
    picture=icns
    # What the user sees is the version all the same.
    mkdir "$work/macos"
    sed "s/DEPLOY_BUNDLE_SHORT_VERSION/$version/" "$here/macos/Info.plist" > "$work/macos/Info.plist"
    of_system=(--resource-dir "$work/macos")
    number=${version/#0./1.}
    ;;
  *)
    picture=ico
    of_system=(--win-menu --win-shortcut)
    ;;
esac

# Drawn by what is packed. Without it the program has Java's.
java -Djava.awt.headless=true -cp "$jar" org.permesso.desktop.PackedIcon "$work/icon.$picture"

jpackage --type "$type" --name Permesso --app-version "$number" --input "$input" --dest "$folder" --icon "$work/icon.$picture" \
  --main-jar "$(basename "$jar")" --main-class org.permesso.desktop.MainKt \
  --add-modules java.desktop,java.logging,jdk.unsupported,jdk.accessibility,jdk.localedata "${of_system[@]}"

# It asks for the packages of the system it runs on. Some were renamed when their times got 64 bits, and are the same to us; systems from
# before, such as Debian 12 and Ubuntu 22.04, have them by the old names.
if [ "$type" = deb ]; then
  for package in "$folder"/*.deb; do
    dpkg-deb -R "$package" "$work/package"
    sed -E -i '/^Depends:/ s/([a-z0-9][a-z0-9+.-]*)t64\>/& | \1/g' "$work/package/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$work/package" "$package"
    rm -r "$work/package"
  done
fi
