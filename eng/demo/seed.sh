#!/usr/bin/env bash
# The long form of demo.sh: see there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=eng/demo/common.sh
. eng/demo/common.sh

image=debian
machine_pid=
# What the ancestor's seeds weighed (VMSeed, 2008), in MB, by format.
ancestor='vmdk=33 vdi=66 vhd=100 hdd=31 raw=24'
# Without KVM a start takes a minute or so; on a busy machine three.
patience=400

end_all() {
    stop "$machine_pid"
    stop "$server_pid"
}

# ---- The machine ---------------------------------------------------------------------------------

# Starts the seed. What the guest says on its serial port goes to $work/screen; what is written to
# descriptor 3 is typed there.
start_machine() {
    : >"$work/screen"
    mkfifo "$work/serial.in" "$work/serial.out"
    cat "$work/serial.out" >>"$work/screen" &
    # Opened for both, so that neither side waits for the other.
    exec 3<>"$work/serial.in"
    qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 512 -smp 2 -display none \
        -drive "file=$seed,format=qcow2,if=virtio" -nic user,model=virtio-net-pci \
        -chardev "pipe,id=serial,path=$work/serial" -serial chardev:serial -monitor none \
        2>"$work/qemu.log" &
    machine_pid=$!
}

end_machine() {
    echo 'systemctl poweroff' >&3
    local second
    for second in $(seq 90); do
        kill -0 "$machine_pid" 2>/dev/null || break
        sleep 1
    done
    [ "$second" -lt 90 ] || note "the guest did not switch itself off within 90 s."
    stop "$machine_pid"
    machine_pid=
    exec 3>&-
    rm -f "$work/serial.in" "$work/serial.out"
}

# What the guest client says, as it comes; every few seconds how large the seed has become.
watch_start() {
    local shown=0 lines second
    for second in $(seq "$patience"); do
        lines=$(grep -c '^vmseed' "$work/screen" || true)
        if [ "$lines" -gt "$shown" ]; then
            grep '^vmseed' "$work/screen" | tr -d '\r' | tail -n "+$((shown + 1))" \
                | sed 's/^/   | /'
            shown=$lines
        fi
        [ $((second % 10)) != 0 ] \
            || note "${second} s: the seed's file has $(size "$(stat -c %s "$seed")")"
        ! grep -q 'login:' "$work/screen" || return 0
        kill -0 "$machine_pid" 2>/dev/null || break
        sleep 1
    done
    tail -n 40 "$work/screen"
    cat "$work/qemu.log"
    die "the guest did not come to its login."
}

boot() { # NAME
    mark
    local before after
    before=$(stat -c %s "$seed")
    start_machine
    watch_start
    row "$1"
    end_machine
    after=$(stat -c %s "$seed")
    note "the seed grew from $(size "$before") to $(size "$after")"
}

# ---- The seeds -----------------------------------------------------------------------------------

sizes() {
    printf '   %-8s %12s   %s\n' format "this seed" "the ancestor's"
    local kind file theirs
    for kind in vmdk qcow2 vdi hdd vhd vhdx tar; do
        file=$work/seeds/$image.$kind
        theirs=$(grep -o "\b${kind/tar/raw}=[0-9]*" <<<"$ancestor" | cut -d= -f2 || true)
        printf '   %-8s %12s   %s\n' \
            "$kind" "$(size "$(stat -c %s "$file")")" "${theirs:+$theirs MB}"
    done
}

# ---- The show ------------------------------------------------------------------------------------

say "Looking for tools"
eng/tools.sh >"$work/tools.log" 2>&1 || { tail -n 5 "$work/tools.log"; die "tools are missing."; }

build_tool
say "Building the guest client"
eng/guest-client.sh >"$work/client.log" 2>&1 \
    || { tail -n 20 "$work/client.log"; die "the guest client cannot be built."; }
note "$(size "$(stat -c %s artifacts/guest/vmseed-guest)"), native"

say "Making a Debian"
eng/guest.sh --full "$work/disk.raw" >"$work/guest.log" 2>&1 \
    || { tail -n 20 "$work/guest.log"; die "there is no Debian to publish."; }
note "$(size "$(stat -c %s "$work/disk.raw")"), of which" \
    "$(size $(($(du -k "$work/disk.raw" | cut -f1) * 1024))) are in use"

say "Publishing it"
"$vmseed" keygen "$work/demo" --no-password >/dev/null
"$vmseed" pack "$work/disk.raw" --repo "$work/www" --name "$image" --key "$work/demo" --bootable \
    | sed 's/^/   /'
: >"$work/table"
start_nginx

say "Making seeds"
mkdir "$work/seeds"
outputs=()
for kind in vmdk qcow2 vdi hdd vhd vhdx tar; do outputs+=(-o "$work/seeds/$image.$kind"); done
# Inside of QEMU's user network this machine is 10.0.2.2.
"$vmseed" seed "$base/images/$image.vmseed#$(tail -n 1 "$work/demo.pub")" "${outputs[@]}" \
    --url "http://10.0.2.2:${base##*:}/" --client artifacts/guest/vmseed-guest --quiet >/dev/null
sizes
seed=$work/seeds/$image.qcow2

say "Booting one"
boot "first start"

say "Stopping the web server, and booting it again"
stop "$server_pid"
server_pid=
boot "start without a network"

say "Result"
printf '%-34s %10s %10s %12s\n' "" "to login" requests fetched
cat "$work/table"
printf '\n%-34s %s\n' "the seed now holds" "$(size "$(stat -c %s "$seed")")"
"$vmseed" seed info "$seed" | sed 's/^/   /'
