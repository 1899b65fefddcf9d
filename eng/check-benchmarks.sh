#!/usr/bin/env bash
# Every benchmark runs once at smoke size, so that none rots between measurements.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! grep -rq -- '"--smoke"' --include='*.cs' benchmarks/VMSeed.Benchmarks; then
    echo "The benchmarks have no --smoke yet."
    exit 0
fi
exec timeout 5m artifacts/bin/VMSeed.Benchmarks/release/VMSeed.Benchmarks --smoke
