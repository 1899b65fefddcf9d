#!/usr/bin/env bash
# The whole story, on one machine, in six minutes (ten where the tools have to be installed first):
# a small real Debian is published on nginx, becomes a bootable seed disk in the format of every
# hypervisor, boots in QEMU from a seed of some megabytes, grows, and boots again when the web
# server is gone.
#
#   ./demo.sh              all of it; root, on Debian or what descends from it
#   ./demo.sh --quick      the short form, anywhere: publish, serve, mount, read (a minute or two)
#
# It needs the .NET SDK; what else is missing is installed from Debian's archive. Nothing is left
# behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case ${1-} in
    --quick) exec eng/demo/quick.sh ;;
    '') ;;
    *) echo "Usage: $0 [--quick]" >&2; exit 2 ;;
esac

command -v dotnet >/dev/null || {
    echo "demo: the .NET SDK is missing: https://dot.net" >&2
    exit 1
}
# Debian's root file system is made as root, and its packages come by apt-get.
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The whole demonstration wants root on a Debian; this is its short form." >&2
    exec eng/demo/quick.sh
fi
exec eng/demo/seed.sh
