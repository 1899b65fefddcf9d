#!/usr/bin/env bash
# Mirror selection in virtual time beside six other rules and an oracle: 13 sites, clients in four
# regions, 24 seeds, 12,000 fetches each. Prints the table; times are milliseconds of demand
# fetches, with 1.96 standard errors over the seeds.
#
#   benchmarks/mirrors.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
table=$(mktemp)
trap 'rm -f "$table"' EXIT
dotnet build "$root/tests/VMSeed.Gslb.Tests" -c Release -v q
VMSEED_SIMULATION=$table "$root/artifacts/bin/VMSeed.Gslb.Tests/release/VMSeed.Gslb.Tests" \
    --filter-method '*Ours_keeps_its_promise_over_many_seeds' --no-ansi --progress off
cat "$table"
