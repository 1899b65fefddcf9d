#!/usr/bin/env bash
# Packs a real disk, then reads all of it cold from nginx on the loopback: cold-read.sh [MIB] [RUNS]
set -euo pipefail
source "$(dirname "$0")/disk.sh"
make_disk "${1:-1024}"
echo "pack, zstd level 3, new repository:"
for ((i = 0; i < ${2:-3}; i++)); do
    rm -rf "$work/www"
    "$bench" --pack "$work/disk.raw" "$work/www"
done
serve
echo "cold sequential read, no cache on disk:"
for ((i = 0; i < ${2:-3}; i++)); do "$bench" --cold "$address"; done
echo "cold sequential read into a new cache:"
for ((i = 0; i < ${2:-3}; i++)); do
    rm -rf "$work/cache"
    "$bench" --cold "$address" "$work/cache"
done
