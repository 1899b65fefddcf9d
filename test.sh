#!/usr/bin/env bash
# Builds and tests everything. One line at the end sums it up: `N passed, N failed, N skipped`.
#
#   ./test.sh                  all but the long stage
#   ./test.sh --long           that, and the long stage, whose result goes to docs/LONG-RUN.md
#   ./test.sh --filter WORD    only the tests whose full name holds the word, or a VSTest filter
#   ./test.sh --filter-class '*StreamTests'    any other option of the test programs
#
# Each step that is not a test program counts as one test. Logs lie in artifacts/test/.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en LC_ALL=C.UTF-8
# Build nodes that outlive the run would keep its pipes open.
export MSBUILDDISABLENODEREUSE=1 MSBUILDTERMINALLOGGER=off
# shellcheck source=eng/steps.sh
. eng/steps.sh

long=no
selected=()
while [ $# -gt 0 ]; do
    case $1 in
        --long) long=yes ;;
        --filter)
            [ $# -gt 1 ] || { echo "--filter needs a word or an expression." >&2; exit 2; }
            case $2 in
                *[=~]*) selected+=(--filter "($2)&(Stage!=Long)") ;;
                *) selected+=(--filter "FullyQualifiedName~$2&Stage!=Long") ;;
            esac
            shift ;;
        *) selected+=("$1") ;;
    esac
    shift
done

step tools eng/tools.sh
[ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null || export VMSEED_REQUIRE_TOOLS=1
step build dotnet build VMSeed.sln -c Release -v q -warnaserror || { summary; exit 1; }

if [ ${#selected[@]} -gt 0 ]; then
    # A word that only one project knows leaves the others without tests.
    run_tests selected "${selected[@]}" --ignore-exit-code 8
    [ $((passed + failed + skipped)) -gt 2 ] || fail "No test fits: ${selected[*]}"
    summary
    exit $?
fi

step scripts eng/check-scripts.sh
# The third part of dotnet format, the analyzers, has run in the build: 47 s of CPU for all three,
# 21 s for these two.
step whitespace dotnet format whitespace VMSeed.sln --no-restore --verify-no-changes
step style dotnet format style VMSeed.sln --no-restore --verify-no-changes
run_tests default --filter-not-trait Stage=Long
step packages eng/check-packages.sh
step quickstart eng/check-quickstart.sh
step aot eng/check-aot.sh
step benchmarks eng/check-benchmarks.sh
if [ $long = yes ]; then
    run_tests long --filter-trait Stage=Long --ignore-exit-code 8
    write_long_run docs/LONG-RUN.md
fi
summary
