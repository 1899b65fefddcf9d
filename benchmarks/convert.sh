#!/usr/bin/env bash
# Conversions beside qemu-img's, one after the other in one run: a disk of 4 GiB with 1 GiB of data,
# raw into each format and back. Both sides end with a flush of the target (qemu-img -t
# writeback). Ours is timed in one process a pair, its first conversion left out; qemu-img by the clock.
#
#   benchmarks/convert.sh [RUNS] [FORMAT...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bench=$root/artifacts/bin/VMSeed.Benchmarks/release/VMSeed.Benchmarks
work=$(mktemp -d "${TMPDIR:-/tmp}/vmseed-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
runs=${1:-5}
shift || true
[ $# -gt 0 ] || set -- raw vdi vmdk vpc vhdx parallels qcow2
dotnet build "$root/benchmarks/VMSeed.Benchmarks" -c Release -v q

# make_disk: runs of noise and of text, up to 8 MiB each, as far apart as makes 4 GiB of 1.
make_disk() {
    local at=0 left=1024 run
    truncate -s 4G "$work/disk.raw"
    RANDOM=5
    yes "a disk that grows as it is used" 2>/dev/null | head -c 8M >"$work/text" || true
    while [ "$left" -gt 0 ] && [ "$at" -lt 4088 ]; do
        run=$((RANDOM % 8 + 1))
        [ "$run" -le "$left" ] || run=$left
        if [ $((RANDOM % 2)) -eq 0 ]; then
            head -c "${run}M" /dev/urandom
        else
            head -c "${run}M" "$work/text"
        fi | dd of="$work/disk.raw" bs=1M seek="$at" conv=notrunc iflag=fullblock status=none
        left=$((left - run))
        at=$((at + run + RANDOM % 24 + 1))
    done
    rm "$work/text"
}

# theirs SOURCE FORMAT TARGET FORMAT: milliseconds.
theirs() {
    local start
    rm -f "$3"
    start=$(date +%s%N)
    qemu-img convert -t writeback -f "$2" -O "$4" "$1" "$3"
    echo $((($(date +%s%N) - start) / 1000000))
}

# ours SOURCE TARGET FORMAT: milliseconds of a conversion in a process that has made one before.
ours() {
    local name=$3
    [ "$name" != vpc ] || name=vhd
    "$bench" --convert 2 "$1" "$2" "$name" | tail -n 1
}

best() { sort -n | head -n 1; }

make_disk
cat "$work/disk.raw" >/dev/null
printf '%-10s %-9s %9s %9s   %s\n' format way vmseed qemu-img 'best of each, ms; all runs'
for format in "$@"; do
    : >"$work/there.ours"; : >"$work/there.theirs"; : >"$work/back.ours"; : >"$work/back.theirs"
    for _ in $(seq "$runs"); do
        theirs "$work/disk.raw" raw "$work/theirs" "$format" >>"$work/there.theirs"
        ours "$work/disk.raw" "$work/ours" "$format" >>"$work/there.ours"
        theirs "$work/theirs" "$format" "$work/back" raw >>"$work/back.theirs"
        ours "$work/theirs" "$work/back" raw >>"$work/back.ours"
    done
    qemu-img compare -q -f "$format" -F raw "$work/ours" "$work/disk.raw"
    for way in there back; do
        printf '%-10s %-9s %9s %9s   %s | %s\n' "$format" "$way" \
            "$(best <"$work/$way.ours")" "$(best <"$work/$way.theirs")" \
            "$(paste -sd' ' "$work/$way.ours")" "$(paste -sd' ' "$work/$way.theirs")"
    done
    rm -f "$work/ours" "$work/theirs" "$work/back"
done
