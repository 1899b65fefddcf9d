#!/usr/bin/env bash
# vmseed nbd beside nbdkit and qemu-nbd, in turns, everything in the page cache:
#   nbd.sh [SECONDS] [ROUNDS] [MIB]
# Each line: medians in IOPS, or MiB/s for 1 MiB reads; the ratio is ours over the better of the others.
# Needs nbdkit, qemu-utils, fio.
set -euo pipefail
seconds=${1:-3} rounds=${2:-5} size=${3:-512}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vmseed=${VMSEED:-$root/artifacts/bin/vmseed/release/vmseed}
[ -x "$vmseed" ] || dotnet build "$root/samples/vmseed" -c Release -v q
work=$(mktemp -d "${TMPDIR:-/tmp}/vmseed-bench.XXXXXX")
started=()
stop() {
    for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
    wait
    started=()
}
trap 'stop; rm -rf "$work"' EXIT

# start NAME COMMAND...: runs a server until its socket is there.
start() {
    "${@:2}" >"$work/$1.log" 2>&1 &
    started+=($!)
    for ((i = 0; i < 200; i++)); do [ -S "$work/$1" ] && return || sleep 0.05; done
    cat "$work/$1.log" >&2
    return 1
}

# measure NAME RW BLOCK DEPTH: IOPS, or for 1 MiB blocks MiB/s.
measure() {
    local field=8
    case $2 in *write) field=49 ;; esac
    fio --name=it --ioengine=nbd --uri="nbd+unix:///?socket=$work/$1" --rw="$2" --bs="$3" \
        --iodepth="$4" --size="${size}m" --time_based --runtime="$seconds" --randseed=7 \
        --output-format=terse --terse-version=3 2>/dev/null |
        awk -F';' -v field="$field" -v block="$3" \
            '/^3;/ { print block == "1m" ? int($(field - 1) / 1024) : int($field) }'
}
median() { tr ' ' '\n' | grep . | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# compare TITLE RW BLOCK DEPTH OURS OTHERS...: in turns, so that a busy minute hits all alike.
compare() {
    local -A found=()
    local name ours others best=0
    for ((round = 0; round < rounds; round++)); do
        for name in "${@:5}"; do found[$name]+=" $(measure "$name" "$2" "$3" "$4")"; done
    done
    ours=$(median <<<"${found[$5]}")
    others=
    for name in "${@:6}"; do
        value=$(median <<<"${found[$name]}")
        others+="$(printf '%-10s%8d  ' "$name" "$value")"
        [ "$value" -le "$best" ] || best=$value
    done
    printf '%-28s vmseed %8d  %s' "$1" "$ours" "$others"
    awk -v ours="$ours" -v best="$best" 'BEGIN { printf "%5.2f\n", ours / best }'
}
reads() {
    compare "$1 4 KiB random, depth 1" randread 4k 1 "${@:2}"
    compare "$1 4 KiB random, depth 16" randread 4k 16 "${@:2}"
    compare "$1 1 MiB in order" read 1m 1 "${@:2}"
}

head -c "${size}M" /dev/urandom >"$work/disk.raw"
cp "$work/disk.raw" "$work/target.raw"
start vmseed "$vmseed" nbd "$work/disk.raw" --input-format raw --socket "$work/vmseed"
echo "vmseed nbd, idle: $(awk '/VmRSS/ { print int($2 / 1024) }' "/proc/${started[0]}/status") MiB"
start nbdkit nbdkit -f -r -U "$work/nbdkit" file "$work/disk.raw"
start qemu-nbd qemu-nbd -r -t -e 16 -f raw --aio=io_uring -k "$work/qemu-nbd" "$work/disk.raw"
reads raw vmseed nbdkit qemu-nbd
stop
for format in qcow2 vmdk vdi; do
    qemu-img convert -q -f raw -O "$format" "$work/disk.raw" "$work/disk.$format"
    cat "$work/disk.$format" >/dev/null
    rm -f "$work/vmseed" "$work/qemu-nbd"
    start vmseed "$vmseed" nbd "$work/disk.$format" --socket "$work/vmseed"
    start qemu-nbd qemu-nbd -r -t -e 16 -f "$format" -k "$work/qemu-nbd" "$work/disk.$format"
    reads "$format" vmseed qemu-nbd
    stop
    rm "$work/disk.$format"
done
rm -f "$work/vmseed" "$work/nbdkit" "$work/qemu-nbd"
start vmseed "$vmseed" nbd "$work/target.raw" --input-format raw --writable --socket "$work/vmseed"
start nbdkit nbdkit -f -U "$work/nbdkit" file "$work/target.raw"
start qemu-nbd qemu-nbd -t -e 16 -f raw --aio=io_uring --cache=writeback -k "$work/qemu-nbd" \
    "$work/target.raw"
compare "raw 4 KiB random writes, 16" randwrite 4k 16 vmseed nbdkit qemu-nbd
stop
