#!/usr/bin/env bash
# The short form of demo.sh: a real ext4 disk of Debian packages is published, served, mounted
# lazily, and read; each file that is read is held to its package's own checksum.
#
#   ./demo.sh --quick
#   VMSEED_DEMO_SOURCE=local ./demo.sh --quick   without a download: this machine's packages
#   VMSEED_DEMO_SERVER=vmseed ./demo.sh --quick  with the tool's own web server, even where nginx is
#
# Root, FUSE and loop devices make it a mount; without them the disk is read through the tool
# instead, and the demo says so. Nothing is left behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=eng/demo/common.sh
. eng/demo/common.sh

# Packages whose files are read: a shell, the tools beside it, and what they load.
packages='bash coreutils dash debianutils dpkg findutils grep gzip libc-bin libc6 perl-base sed tar'
image=debian
# What the packages of this machine may come to, where nothing is downloaded.
local_limit_kib=$((300 * 1024))

mount_pid=

unmount_all() {
    if mountpoint -q "$work/root"; then umount "$work/root" || umount -l "$work/root"; fi
    stop "$mount_pid"
    mount_pid=
}

end_all() {
    unmount_all
    stop "$server_pid"
}

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

# ---- Reading -------------------------------------------------------------------------------------

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

build_tool

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
