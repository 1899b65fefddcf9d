# Sourced by the scripts beside it: a real ext4 disk of this machine's programs, published, and nginx.
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bench=$root/artifacts/bin/VMSeed.Benchmarks/release/VMSeed.Benchmarks
vmseed=$root/artifacts/bin/vmseed/release/vmseed
work=$(mktemp -d "${TMPDIR:-/tmp}/vmseed-bench.XXXXXX")
port=$((20000 + RANDOM % 20000))

finish() {
    [ ! -e "$work/nginx.pid" ] || kill "$(cat "$work/nginx.pid")" 2>/dev/null || true
    if mountpoint -q "$work/mnt" 2>/dev/null; then umount -l "$work/mnt"; fi
    rm -rf "$work"
}
trap finish EXIT

dotnet build "$root" -c Release -v q

# make_disk MIB: ext4 with this machine's programs and libraries, filled to about MIB.
make_disk() {
    mkdir "$work/tree"
    local used=0 file size
    while IFS= read -r -d '' file; do
        size=$(stat -c %s "$file")
        used=$((used + size))
        [ "$used" -lt "$(($1 * 1048576))" ] || break
        cp --parents "$file" "$work/tree"
    done < <(find /usr/bin /usr/lib -type f -print0 2>/dev/null | sort -z)
    truncate -s "$(($1 * 5 / 4))M" "$work/disk.raw"
    mkfs.ext4 -q -F -d "$work/tree" "$work/disk.raw"
    rm -rf "$work/tree"
}

serve() {
    chmod 755 "$work"
    cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid; error_log $work/nginx.log; worker_processes 1; events {}
http { access_log off; keepalive_requests 100000; sendfile on;
       server { listen 127.0.0.1:$port; root $work/www; } }
CONF
    nginx -c "$work/nginx.conf"
    address=http://127.0.0.1:$port/images/disk.vmseed
}
