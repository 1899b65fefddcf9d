#!/usr/bin/env bash
# Reads a mounted disk, all of it cached, beside the raw file: fuse-read.sh [MIB] [RUNS]
set -euo pipefail
source "$(dirname "$0")/disk.sh"
make_disk "${1:-512}"
"$bench" --pack "$work/disk.raw" "$work/www"
mkdir "$work/mnt"
"$vmseed" mount "$work/www/images/disk.vmseed" "$work/mnt" --allow-unsigned \
    --cache "$work/cache" --state "$work/state" &
for ((i = 0; i < 100; i++)); do [ -e "$work/mnt/disk.raw" ] && break || sleep 0.1; done
cat "$work/mnt/disk.raw" >/dev/null

# timed LABEL COMMAND...: wall time in milliseconds.
timed() {
    local began
    began=$(date +%s%N)
    "${@:2}"
    printf '  %-44s %6d ms\n' "$1" "$((($(date +%s%N) - began) / 1000000))"
}
direct() { dd if="$1" of=/dev/null bs=1M iflag=direct status=none; }
plain() { cat "$1" >/dev/null; }
for ((i = 0; i < ${2:-3}; i++)); do
    plain "$work/disk.raw"
    timed "cat of the raw file, in the page cache" plain "$work/disk.raw"
    timed "cat through the mount, in its page cache" plain "$work/mnt/disk.raw"
    timed "dd through the mount, O_DIRECT" direct "$work/mnt/disk.raw"
done
fusermount3 -u "$work/mnt"
wait
