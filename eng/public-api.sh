#!/usr/bin/env bash
# Rewrites PublicAPI.Unshipped.txt of every library from the code as it stands: review the difference
# before you commit it, for it is what users will hold us to.
set -euo pipefail
cd "$(dirname "$0")/.."
for project in src/*/; do
    name=$(basename "$project")
    printf '#nullable enable\n' >"$project/PublicAPI.Unshipped.txt"
    symbols=$({ dotnet build "$project" --no-incremental 2>&1 || true; } |
        sed -n "s/.*$name\/.*error RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" |
        LC_ALL=C sort -u)
    [ -z "$symbols" ] || printf '%s\n' "$symbols" >>"$project/PublicAPI.Unshipped.txt"
done
