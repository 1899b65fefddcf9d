#!/usr/bin/env bash
# Installs the Debian packages of eng/tools.txt that are missing: nothing to do, nothing done.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$PATH:/usr/sbin:/sbin

missing=
while read -r program package _; do
    case $program in '#'* | '') continue ;; esac
    command -v "$program" >/dev/null || missing+="${package//,/ } "
done <tools.txt
[ -n "$missing" ] || exit 0

root=()
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || {
        echo "Not root, no sudo: the tests that need these skip themselves: $missing"
        exit 0
    }
    root=(sudo -n)
fi
command -v apt-get >/dev/null || { echo "No apt-get here. Install: $missing"; exit 1; }
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get -qq update
# Unquoted: a list of words.
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
    $missing
