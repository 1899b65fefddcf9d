#!/usr/bin/env bash
# Compiles the whole of every library to native code, warnings as errors, and runs the result.
set -euo pipefail
cd "$(dirname "$0")/.."
machine=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
linker=()
command -v clang >/dev/null || linker=(-p:CppCompilerAndLinker=gcc)
# The build has run the analyzers on the libraries.
dotnet publish tests/VMSeed.Aot -c Release -r "linux-$machine" -v q -p:RunAnalyzers=false \
    -o artifacts/aot "${linker[@]}"
artifacts/aot/VMSeed.Aot
