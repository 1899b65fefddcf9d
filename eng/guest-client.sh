#!/usr/bin/env bash
# Compiles the guest client (samples/Guest) to native code: artifacts/guest/vmseed-guest, which
# 'vmseed seed --client' puts into seeds. A copy lies beside the tool, where it looks by itself.
#
# It does nothing where nothing has changed since.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
client=artifacts/guest/vmseed-guest

is_current() {
    [ -x "$client" ] && [ -z "$(find samples/Guest samples/Nbd src Directory.Packages.props \
        Directory.Build.props -newer "$client" -type f -print -quit)" ]
}

if ! is_current; then
    machine=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
    linker=()
    command -v clang >/dev/null || linker=(-p:CppCompilerAndLinker=gcc)
    dotnet publish samples/Guest -c Release -r "linux-$machine" -v q -p:RunAnalyzers=false \
        -o artifacts/guest "${linker[@]}"
    touch "$client"
fi

tool=artifacts/bin/vmseed/release
if [ -d "$tool" ]; then
    cp -u "$client" "$tool/"
fi
