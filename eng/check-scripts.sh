#!/usr/bin/env bash
# Every script parses, can be run, and stops at its first error.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0
complain() { echo "$1"; bad=1; }
while IFS= read -r -d '' script; do
    head -n1 "$script" | grep -q '^#!.*bash' || continue
    bash -n "$script" || complain "$script: does not parse."
    [ -x "$script" ] || complain "$script: is not executable."
    grep -q '^set -[a-z]*u[a-z]*o pipefail\|^exec ' "$script" || complain "$script: lacks set -u."
done < <(git -c safe.directory='*' ls-files -z --cached --others --exclude-standard \
    '*.sh' .ci/run)
exit $bad
