#!/usr/bin/env bash
# Builds and runs samples/Quickstart far from the repository, with nothing of ours but the packages
# that eng/check-packages.sh left in artifacts/packages.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=$PWD/artifacts/packages
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r samples/Quickstart "$scratch/Quickstart"
rm -rf "$scratch/Quickstart/bin" "$scratch/Quickstart/obj"

# A packages folder of its own: a package of the same version from an older run must not be used.
# Packages of others are taken from the user's folder, where the build has put them already.
others=${NUGET_PACKAGES:-$HOME/.nuget/packages}
cd "$scratch/Quickstart"
dotnet build -v q -warnaserror -o "$scratch/bin" \
    "-p:RestorePackagesPath=$scratch/packages" \
    "-p:RestoreAdditionalProjectSources=\"$packages;$others\""
for package in "$packages"/VMSeed.Blocks.*.nupkg; do
    used=$(echo "$scratch"/packages/vmseed.blocks/*/vmseed.blocks.*.nupkg)
    cmp "$package" "$used" || { echo "The quickstart took another package than ours."; exit 1; }
done
cd "$scratch"
timeout 2m dotnet "$scratch/bin/Quickstart.dll"
