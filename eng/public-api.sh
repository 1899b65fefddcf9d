#!/usr/bin/env bash
# Rewrites PublicAPI.Unshipped.txt of every library from the code as it stands: review the difference
# before you commit it, for it is what users will hold us to.
#
#   eng/public-api.sh [PROJECT...]    for example src/VMSeed.Disks; all libraries without one
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- src/*/
for project in "$@"; do
    file=$project/PublicAPI.Unshipped.txt
    name=$(basename "$project")
    before=$(cat "$file")
    printf '#nullable enable\n' >"$file"
    log=$(dotnet build "$project" --no-incremental 2>&1 || true)
    if grep -E 'error [A-Z]+[0-9]+' <<<"$log" | grep -vqE 'error RS00(16|17|26|27|37)'; then
        printf '%s\n' "$before" >"$file"
        printf '%s does not build; its public surface is left as it was.\n' "$name" >&2
        exit 1
    fi

    sed -n "s/.*error RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" \
        <<<"$log" | LC_ALL=C sort -u >>"$file"
done
