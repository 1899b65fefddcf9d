#!/usr/bin/env bash
# Writes into a fresh overlay of vmseed nbd, and into a fresh QCOW2 of qemu-nbd, over the same raw file,
# in turns:
#   overlay.sh [SECONDS] [ROUNDS] [MIB]
# Each line: medians in IOPS; the ratio is ours over theirs. Needs qemu-utils, fio.
set -euo pipefail
seconds=${1:-4} rounds=${2:-5} size=${3:-512}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vmseed=${VMSEED:-$root/artifacts/bin/vmseed/release/vmseed}
[ -x "$vmseed" ] || dotnet build "$root/samples/vmseed" -c Release -v q
work=$(mktemp -d "${TMPDIR:-/tmp}/vmseed-bench.XXXXXX")
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
    server=
    rm -f "$work/socket" "$work/changes"
}
trap 'stop; rm -rf "$work"' EXIT

# start NAME: a server of that name with nothing written yet.
start() {
    if [ "$1" = vmseed ]; then
        "$vmseed" nbd "$work/base.raw" --input-format raw --overlay "$work/changes" \
            --socket "$work/socket" >"$work/log" 2>&1 &
    else
        qemu-img create -q -f qcow2 -b "$work/base.raw" -F raw "$work/changes"
        qemu-nbd -t -e 8 --aio=io_uring --cache=writeback -f qcow2 -k "$work/socket" \
            "$work/changes" >"$work/log" 2>&1 &
    fi
    server=$!
    for ((i = 0; i < 200; i++)); do [ -S "$work/socket" ] && return || sleep 0.05; done
    cat "$work/log" >&2
    return 1
}

# measure NAME FIO-OPTION...: IOPS of one run.
measure() {
    start "$1"
    fio --name=it --ioengine=nbd --uri="nbd+unix:///?socket=$work/socket" --size="${size}m" \
        --time_based --runtime="$seconds" --randseed=7 --output="$work/found" \
        --output-format=terse --terse-version=3 "${@:2}" >/dev/null 2>&1
    stop
    awk -F';' '/^3;/ { print int($49) }' "$work/found"
}

compare() {
    local ours=() theirs=()
    for ((round = 0; round < rounds; round++)); do
        ours+=("$(measure vmseed "${@:2}")")
        theirs+=("$(measure qemu-nbd "${@:2}")")
    done
    local a b
    a=$(printf '%s\n' "${ours[@]}" | sort -n | sed -n "$(((rounds + 1) / 2))p")
    b=$(printf '%s\n' "${theirs[@]}" | sort -n | sed -n "$(((rounds + 1) / 2))p")
    awk -v what="$1" -v a="$a" -v b="$b" \
        'BEGIN { printf "%-36s vmseed %7d  qemu-nbd %7d  %5.2f\n", what, a, b, a / b }'
}

head -c "${size}M" /dev/urandom >"$work/base.raw"
compare "4 KiB random, depth 1" --rw=randwrite --bs=4k --iodepth=1
compare "4 KiB random, depth 16" --rw=randwrite --bs=4k --iodepth=16
compare "the same, flushed every 32 writes" --rw=randwrite --bs=4k --iodepth=16 --fsync=32
compare "1 MiB in order, depth 4" --rw=write --bs=1m --iodepth=4
