#!/usr/bin/env bash
# vmseed nbd and nbdkit on one raw file, for machines that do much else: short runs in pairs, the servers
# and fio before everybody else (SCHED_FIFO), the median of the pairs' ratios:
#   nbd-paired.sh [SECONDS] [PAIRS] [MIB]
# Each line: medians in IOPS, or MiB/s for 1 MiB; ratio, with its least and greatest.
# Needs root, nbdkit, fio.
set -euo pipefail
seconds=${1:-1} pairs=${2:-9} size=${3:-512}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vmseed=${VMSEED:-$root/artifacts/bin/vmseed/release/vmseed}
work=$(mktemp -d "${TMPDIR:-/tmp}/vmseed-bench.XXXXXX")
started=()
trap 'kill "${started[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

# start NAME COMMAND...: runs a server until its socket is there.
start() {
    "${@:2}" >"$work/$1.log" 2>&1 &
    started+=($!)
    echo $! >"$work/$1.pid"
    for ((i = 0; i < 200; i++)); do [ -S "$work/$1" ] && return || sleep 0.05; done
    cat "$work/$1.log" >&2
    return 1
}

# hasten NAME: threads that a connection brings are put before others too, .NET's inherit nothing.
hasten() {
    for ((i = 0; i < 8; i++)); do
        sleep 0.06
        chrt -a -f -p 10 "$(cat "$work/$1.pid")" >/dev/null 2>&1 || true
    done
}

# measure NAME RW BLOCK DEPTH: IOPS, or for 1 MiB blocks MiB/s.
measure() {
    local field=8
    case $2 in *write) field=49 ;; esac
    hasten "$1" &
    local hastener=$!
    chrt -f 10 fio --name=it --ioengine=nbd --uri="nbd+unix:///?socket=$work/$1" --rw="$2" \
        --bs="$3" --iodepth="$4" --size="${size}m" --time_based --ramp_time=0.5 \
        --runtime="$seconds" --randseed=7 --output-format=terse --terse-version=3 2>/dev/null |
        awk -F';' -v field="$field" -v block="$3" \
            '/^3;/ { print block == "1m" ? int($(field - 1) / 1024) : int($field) }'
    wait "$hastener"
}
median() { sort -n | awk '{ v[NR] = $1 } END { printf "%s", v[int((NR + 1) / 2)] }'; }

# compare TITLE RW BLOCK DEPTH
compare() {
    local ours theirs
    for ((pair = 0; pair < pairs; pair++)); do
        ours=$(measure vmseed "${@:2}")
        theirs=$(measure nbdkit "${@:2}")
        echo "$ours $theirs"
    done >"$work/pairs"
    awk '{ print $1 / $2 }' "$work/pairs" | sort -n >"$work/ratios"
    printf '%-28s vmseed %8d  nbdkit %8d  %5.2f (%.2f to %.2f)\n' "$1" \
        "$(cut -d' ' -f1 "$work/pairs" | median)" "$(cut -d' ' -f2 "$work/pairs" | median)" \
        "$(median <"$work/ratios")" "$(head -n 1 "$work/ratios")" "$(tail -n 1 "$work/ratios")"
}

head -c "${size}M" /dev/urandom >"$work/disk.raw"
start vmseed "$vmseed" nbd "$work/disk.raw" --input-format raw --writable --socket "$work/vmseed"
start nbdkit nbdkit -f -U "$work/nbdkit" file "$work/disk.raw"
for ((i = 0; i < 3; i++)); do measure vmseed randrw 4k 16 >/dev/null; done # Compiles what is used.
compare "4 KiB random, depth 1" randread 4k 1
compare "4 KiB random, depth 16" randread 4k 16
compare "1 MiB in order" read 1m 1
compare "4 KiB random writes, 1" randwrite 4k 1
compare "4 KiB random writes, 16" randwrite 4k 16
compare "64 KiB random writes, 4" randwrite 64k 4
