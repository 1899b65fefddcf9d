#!/usr/bin/env bash
# The whole way in under three minutes: a real ext4 disk of Debian packages is published, served,
# mounted lazily, and read; each file that is read is held to its package's own checksum.
#
#   ./demo.sh                        the whole show
#   VMSEED_DEMO_SOURCE=local ./demo.sh   without a download: the packages of this machine
#   VMSEED_DEMO_SERVER=vmseed ./demo.sh  with the tool's own web server, even where nginx is
#
# It needs the .NET SDK. Root, FUSE and loop devices make it a mount; without them the disk is read
# through the tool instead, and the demo says so. Nothing is left behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 LC_ALL=C.UTF-8
export PATH=$PATH:/usr/sbin:/sbin

# Packages whose files are read: a shell, the tools beside it, and what they load.
packages='bash coreutils dash debianutils dpkg findutils grep gzip libc-bin libc6 perl-base sed tar'
image=debian
# What the packages of this machine may come to, where nothing is downloaded.
local_limit_kib=$((300 * 1024))

work=$(mktemp -d "${TMPDIR:-/tmp}/vmseed-demo.XXXXXX")
server_pid= mount_pid=

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f s", b - a }'; }
size() { numfmt --to=iec-i --suffix=B --format=%.1f "$1"; }

stop() { # PID: asks a process of ours to end, and waits until it has.
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

unmount_all() {
    if mountpoint -q "$work/root"; then umount "$work/root" || umount -l "$work/root"; fi
    stop "$mount_pid"
    mount_pid=
}

clean() {
    trap - EXIT INT TERM
    unmount_all
    stop "$server_pid"
    rm -rf --one-file-system "$work"
}
trap clean EXIT
trap 'clean; exit 130' INT
trap 'clean; exit 143' TERM

die() { echo "demo: $*" >&2; exit 1; }

# ---- The disk ------------------------------------------------------------------------------------

# A Debian of its own, from the archive. The sources of this machine are used where it is a Debian.
make_tree_from_archive() {
    [ "$(id -u)" = 0 ] && [ "${VMSEED_DEMO_SOURCE:-}" != local ] || return 1
    local suite=stable
    if grep -qs '^ID=debian' /etc/os-release; then
        suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    fi
    note "downloading a minimal Debian $suite (at most 100 s)…"
    if command -v mmdebstrap >/dev/null; then
        timeout 100 mmdebstrap --quiet --variant=minbase "${suite:-stable}" "$1" 2>"$work/log"
    elif command -v debootstrap >/dev/null; then
        timeout 100 debootstrap --variant=minbase "${suite:-stable}" "$1" >"$work/log" 2>&1
    else
        return 1
    fi
}

# The same files as this machine's packages installed them, with the packages' checksums.
make_tree_from_packages() {
    [ -d /var/lib/dpkg/info ] && command -v tar >/dev/null || return 1
    note "copying the files of this machine's packages…"
    mkdir -p "$1/var/lib/dpkg/info"
    # The system's own layout, where /lib and its like are links into /usr.
    local link
    for link in bin sbin lib lib64; do
        [ -L "/$link" ] || continue
        mkdir -p "$1/$(readlink "/$link")"
        ln -s "$(readlink "/$link")" "$1/$link"
    done
    local sums used
    for sums in $(for p in $packages; do ls /var/lib/dpkg/info/"$p"{,:*}.md5sums; done 2>/dev/null) \
        /var/lib/dpkg/info/*.md5sums; do
        [ ! -e "$1$sums" ] || continue
        cp "$sums" "$1$sums"
        # A link of this tree stays: files go to where it leads.
        cut -c35- "$sums" | (cd / && tar -c --ignore-failed-read -T - 2>/dev/null || true) \
            | tar -x -C "$1" --keep-directory-symlink 2>/dev/null || true
        used=$(du -sk "$1" | cut -f1)
        [ "$used" -lt "$local_limit_kib" ] || break
    done
    [ "${used:-0}" -gt 1024 ]
}

# No packages here: some folder, with checksums of our own.
make_tree_from_folder() {
    note "copying /usr/share…"
    mkdir -p "$1/usr" "$1/var/lib/dpkg/info"
    (cd /usr/share && find . -type f -size -1024k -readable -print0 | head -z -n 20000 \
        | tar -c --null -T -) | (mkdir -p "$1/usr/share" && tar -x -C "$1/usr/share")
    packages=share
    (cd "$1" && find usr/share -type f -print0 | head -z -n 2000 | xargs -0 md5sum) \
        >"$1/var/lib/dpkg/info/share.md5sums"
}

make_disk() {
    local tree=$work/tree
    rm -rf "$tree"
    make_tree_from_archive "$tree" || { rm -rf "$tree"; make_tree_from_packages "$tree"; } \
        || { rm -rf "$tree"; make_tree_from_folder "$tree"; }
    local kib
    kib=$(du -sk "$tree" | cut -f1)
    truncate -s $(((kib * 5 / 4 / 1024 + 64) * 1024 * 1024)) "$work/disk.raw"
    mkfs.ext4 -q -F -L vmseed-demo -d "$tree" "$work/disk.raw"
    rm -rf "$tree"
}

# ---- The server ----------------------------------------------------------------------------------

# Both servers write one line a request: METHOD PATH RANGE STATUS BYTES.
start_server() {
    if command -v nginx >/dev/null && [ "${VMSEED_DEMO_SERVER:-nginx}" = nginx ]; then
        start_nginx
    else
        note "the tool's own web server ('vmseed serve')"
        "$vmseed" serve "$work/www" --listen 127.0.0.1:0 --verbose \
            >"$work/serve.out" 2>"$work/access.log" &
        server_pid=$!
        wait_for "the server" grep -q ' at http' "$work/serve.out"
        base=$(sed -n 's/.* at \(http[^ ]*\)\/ .*/\1/p' "$work/serve.out")
    fi
}

start_nginx() {
    local port
    port=$((20000 + RANDOM % 20000))
    note "nginx on port $port"
    mkdir "$work/nginx"
    chmod 755 "$work"
    cat >"$work/nginx.conf" <<END
daemon off;
master_process off;
pid $work/nginx/pid;
error_log stderr warn;
events { worker_connections 256; }
http {
    log_format demo '\$request_method \$uri \$http_range \$status \$body_bytes_sent';
    access_log $work/access.log demo;
    client_body_temp_path $work/nginx; proxy_temp_path $work/nginx; fastcgi_temp_path $work/nginx;
    uwsgi_temp_path $work/nginx; scgi_temp_path $work/nginx;
    default_type application/octet-stream;
    sendfile on;
    keepalive_requests 100000;
    server { listen 127.0.0.1:$port; root $work/www; location ~ /\. { return 404; } }
}
END
    nginx -p "$work/nginx" -e stderr -c "$work/nginx.conf" 2>"$work/nginx.err" &
    server_pid=$!
    base=http://127.0.0.1:$port
    wait_for "nginx" test -e "$work/access.log"
}

wait_for() { # WHAT COMMAND...: up to 20 s.
    local what=$1 tries
    shift
    for tries in $(seq 200); do
        if "$@" 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    die "$what did not come up within 20 s ($tries tries)."
}

# ---- Reading -------------------------------------------------------------------------------------

mark() { # Remembers the server's log up to here.
    marked=$(wc -l <"$work/access.log")
    began=$(now)
}

# row NAME: what has happened since the mark, as a line of the table.
row() {
    local time counted
    time=$(since "$began")
    sleep 0.2 # The server writes its log line after its answer.
    counted=$(tail -n +$((marked + 1)) "$work/access.log" \
        | awk '{ n++; b += $NF } END { printf "%d %d", n, b }')
    requests=${counted% *}
    printf '%-34s %10s %10s %12s\n' "$1" "$time" "$requests" "$(size "${counted#* }")" \
        >>"$work/table"
}

why_no_mount() {
    [ -e /dev/fuse ] || { echo "/dev/fuse is missing (modprobe fuse)"; return; }
    [ "$(id -u)" = 0 ] || { echo "only root may loop-mount the file system inside"; return; }
    losetup --find >/dev/null 2>&1 || echo "there is no free loop device"
}

mount_image() { # OPTION...
    mkdir -p "$work/mnt" "$work/root"
    : >"$work/mount.log"
    "$vmseed" mount "$address" "$work/mnt" --cache "$work/cache" --state "$work/state" "$@" \
        >"$work/mount.log" 2>&1 &
    mount_pid=$!
    wait_for "the mount" grep -q ^Mounted "$work/mount.log"
    mount -o loop,ro,noload "$work/mnt/disk.raw" "$work/root"
}

# Every file of the packages against the package's own checksum, inside the mounted tree.
check_files() {
    local package
    (
        cd "$work/root"
        for package in $packages; do
            cat var/lib/dpkg/info/"$package".md5sums \
                var/lib/dpkg/info/"$package":*.md5sums 2>/dev/null || true
        done
    ) >"$work/sums"
    (cd "$work/root" && md5sum --quiet -c "$work/sums") || die "a file is not as packaged."
    files=$(wc -l <"$work/sums")
    [ "$files" -gt 0 ] || die "no checksums of packages were found on the disk."
}

# The kernel's cache would answer second reads by itself; without it VMSeed's own has to.
drop_page_cache() { sync; echo 3 2>/dev/null >/proc/sys/vm/drop_caches || true; }

# The second mount does not read ahead: each request that it makes is one that a reader waits for.
read_mounted() {
    mark
    mount_image
    row "mount"
    mark
    check_files
    row "first read of $files files"
    unmount_all
    tail -n 1 "$work/mount.log" >"$work/unmounted"
    drop_page_cache
    mark
    mount_image --no-read-ahead
    row "mount again"
    mark
    check_files
    row "second read"
    [ "$requests" = 0 ] || die "the second read made $requests requests."
    unmount_all
    note "$files files are as their packages say, twice; the second time without a request."
}

read_unmounted() {
    note "NO MOUNT: $1."
    note "The disk is read through 'vmseed read' instead."
    local want got
    want=$(sha256sum <"$work/disk.raw")
    local pass
    for pass in "first read of the whole disk" "second read"; do
        mark
        got=$("$vmseed" read "$address" --cache "$work/cache" --state "$work/state" | sha256sum)
        row "$pass"
        [ "$got" = "$want" ] || die "the disk that was read is not the disk that was published."
    done
    [ "$requests" -le 2 ] || die "the second read made $requests requests."
    note "both reads have the SHA-256 of the source; the second asked for the head alone."
}

# ---- The show ------------------------------------------------------------------------------------

command -v dotnet >/dev/null || die "the .NET SDK is missing: https://dot.net"
command -v mkfs.ext4 >/dev/null || die "mkfs.ext4 is missing: install e2fsprogs."

say "Building the tool"
dotnet build samples/vmseed -c Release -v q >"$work/build.log" 2>&1 \
    || { grep -m 20 error "$work/build.log"; die "the build failed."; }
vmseed=$PWD/artifacts/bin/vmseed/release/vmseed

say "Making a disk"
make_disk
disk_bytes=$(stat -c %s "$work/disk.raw")
used_bytes=$(($(du -k "$work/disk.raw" | cut -f1) * 1024))
note "ext4, $(size "$disk_bytes"), of which $(size "$used_bytes") are in use"

say "Publishing it"
"$vmseed" keygen "$work/demo" --no-password >/dev/null
began=$(now)
"$vmseed" pack "$work/disk.raw" --repo "$work/www" --name "$image" --key "$work/demo" \
    | sed 's/^/   /'
pack_time=$(since "$began")
stored_bytes=$(du -sb --exclude='.*' "$work/www/objects" | cut -f1)

say "Serving it"
: >"$work/table"
start_server
address=$base/images/$image.vmseed#$(tail -n 1 "$work/demo.pub")
note "$address"

say "Reading it"
no_mount=$(why_no_mount)
if [ -z "$no_mount" ]; then read_mounted; else read_unmounted "$no_mount"; fi

say "Result"
printf '%-34s %10s\n' "disk" "$(size "$disk_bytes")" "in use on it" "$(size "$used_bytes")" \
    "stored on the server" "$(size "$stored_bytes")"
printf '\n%-34s %10s %10s %12s\n' "" time requests fetched
printf '%-34s %10s\n' "pack" "$pack_time"
cat "$work/table"
if [ -s "$work/unmounted" ]; then printf '\n%s\n' "$(cat "$work/unmounted")"; fi
