#!/usr/bin/env bash
# Packs the libraries in two copies of the tree at different places: what is packed is complete, and
# does not depend on the place. The packages stay in artifacts/packages.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
packages=$root/artifacts/packages
rm -rf "$packages"

# copy_and_pack PLACE OUTPUT. Analyzers do not change what is packed, and the build has run them.
copy_and_pack() {
    mkdir -p "$1"
    git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
        tar --null --ignore-failed-read -cf - -T - | tar -xf - -C "$1"
    local project
    for project in "$1"/src/*/*.csproj; do
        CI=true dotnet pack "$project" -c Release -v q -p:RunAnalyzers=false -o "$2"
    done
}

# Names and checksums of what is inside; the archive's own times are left out.
contents() {
    local package
    for package in "$1"/*nupkg; do
        echo "$(basename "$package"):"
        unzip -v "$package" | awk '$4 ~ /%$/ && NF == 8 { print $7, $8 }' | LC_ALL=C sort -k 2
    done
}

copy_and_pack "$scratch/here" "$packages"
copy_and_pack "$scratch/at/another/place" "$scratch/packages"
contents "$packages" >"$scratch/here.txt"
contents "$scratch/packages" >"$scratch/there.txt"
cat "$scratch/here.txt"
grep -q 'lib/net10.0/VMSeed.Gslb.dll' "$scratch/here.txt" || { echo "Nothing to compare."; exit 1; }
diff "$scratch/here.txt" "$scratch/there.txt" || { echo "Packing is not deterministic."; exit 1; }

bad=0
complain() { echo "$1"; bad=1; }
for project in src/*/; do
    name=$(basename "$project")
    package=$(echo "$packages/$name".[0-9]*.nupkg)
    for entry in README.md "lib/net10.0/$name.dll" "lib/net10.0/$name.xml"; do
        unzip -p "$package" "$entry" >"$scratch/entry" || complain "$package lacks $entry."
        [ -s "$scratch/entry" ] || complain "$package: $entry is empty."
        ! grep -aqF "$scratch" "$scratch/entry" || complain "$package: $entry names a build path."
    done
    unzip -p "$package" "$name.nuspec" >"$scratch/nuspec"
    grep -q '<license type="expression">MIT<' "$scratch/nuspec" || complain "$package: no licence."
    grep -q '<readme>README.md<' "$scratch/nuspec" || complain "$package: no readme."
    unzip -l "${package%.nupkg}.snupkg" | grep "$name.pdb" >"$scratch/symbols" || complain "$package: no symbols."
done
exit $bad
