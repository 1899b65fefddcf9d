# Sourced by test.sh: runs steps and test programs, and counts what they say.
# shellcheck shell=bash
logs=artifacts/test
rm -rf "$logs"
mkdir -p "$logs"
passed=0 failed=0 skipped=0
failures=()

fail() {
    failed=$((failed + 1))
    failures+=("$1")
    echo "FAILED: $1"
}

# step NAME COMMAND...: passes when the command does; its log is shown only when it does not.
step() {
    local name=$1 began=$SECONDS
    shift
    if "$@" >"$logs/$name.log" 2>&1; then
        passed=$((passed + 1))
        echo "$name: ok ($((SECONDS - began)) s)"
    else
        fail "$name (exit $?)"
        tail -n 60 "$logs/$name.log"
        return 1
    fi
}

# run_tests STAGE OPTION...: every test program, one after the other, so that timings stay honest.
run_tests() {
    local stage=$1 project
    shift
    for project in tests/*.Tests/*.csproj; do
        run_project "$stage" "$(basename "$project" .csproj)" "$@"
    done
}

# The report is believed, and the exit code too: a program that died, hung, ran nothing or left no
# report has failed, whatever it printed before.
run_project() {
    local stage=$1 name=$2 began=$SECONDS code ok bad left
    shift 2
    local limit=15m report="$stage-$name.trx" log="$logs/$stage-$name.log"
    [ "$stage" != long ] || limit=120m
    timeout --kill-after=30s "$limit" "artifacts/bin/$name/release/$name" "$@" \
        --no-ansi --progress off --results-directory "$PWD/$logs" \
        --report-xunit-trx --report-xunit-trx-filename "$report" >"$log" 2>&1
    code=$?
    ok=$(outcomes "$report" Passed)
    bad=$(outcomes "$report" Failed)
    left=$(outcomes "$report" NotExecuted)
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + left))
    if [ "$bad" -gt 0 ]; then
        failures+=("$name: $bad tests")
        tail -n 200 "$log"
    elif [ $code = 8 ]; then
        fail "$name ran no tests"
    elif [ $code != 0 ] || [ ! -s "$logs/$report" ]; then
        fail "$name ended with exit code $code (124: it did not end within $limit)"
        tail -n 60 "$log"
    fi
    [ "$left" = 0 ] || grep -A1 '^skipped' "$log" || true
    echo "$name: $ok passed, $bad failed, $left skipped ($((SECONDS - began)) s)"
}

# Quotes in names are escaped in the report, so the pattern cannot stray into a test's output.
outcomes() {
    [ -f "$logs/$1" ] || { echo 0; return; }
    grep -o "<UnitTestResult testName=\"[^\"]*\" outcome=\"$2\"" "$logs/$1" | wc -l
}

# write_long_run FILE: the long stage as a table.
write_long_run() {
    {
        echo '# The long stage'
        echo
        echo "Written by \`./test.sh --long\` on $(date -u +%F): $(nproc) cores," \
            "$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
            "Linux $(uname -r | cut -d- -f1), .NET $(dotnet --version)."
        echo
        echo '| Test | Result | Time |'
        echo '|---|---|---|'
        cat "$logs"/long-*.trx | grep -o '<UnitTestResult [^>]* duration="[^"]*"' |
            sed -E 's/.*testName="([^"]*)" outcome="([^"]*)".* duration="([^".]*\.?[0-9]?)[^"]*"/| \1 | \2 | \3 |/' |
            LC_ALL=C sort
    } >"$1"
}

summary() {
    echo
    [ ${#failures[@]} = 0 ] || printf 'FAILED: %s\n' "${failures[@]}"
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
}
