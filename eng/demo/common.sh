# Sourced by the demonstrations: how they talk, what they clean up, the web server, the counting.
# shellcheck shell=bash disable=SC2034 # What is set here is used there.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 LC_ALL=C.UTF-8
export PATH=$PATH:/usr/sbin:/sbin

work=$(mktemp -d "${TMPDIR:-/tmp}/vmseed-demo.XXXXXX")
server_pid=

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f s", b - a }'; }
size() { numfmt --to=iec-i --suffix=B --format=%.1f "$1"; }
die() { echo "demo: $*" >&2; exit 1; }

stop() { # PID: asks a process of ours to end, and waits until it has.
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# The demonstration says what it has begun in a function end_all.
clean() {
    trap - EXIT INT TERM
    end_all
    rm -rf --one-file-system "$work"
}
trap clean EXIT
trap 'clean; exit 130' INT
trap 'clean; exit 143' TERM

wait_for() { # WHAT COMMAND...: up to 20 s.
    local what=$1 tries
    shift
    for tries in $(seq 200); do
        if "$@" 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    die "$what did not come up within 20 s ($tries tries)."
}

build_tool() {
    say "Building the tool"
    dotnet build samples/vmseed -c Release -v q >"$work/build.log" 2>&1 \
        || { grep -m 20 error "$work/build.log"; die "the build failed."; }
    vmseed=$PWD/artifacts/bin/vmseed/release/vmseed
}

# Its log has one line a request: METHOD PATH RANGE STATUS BYTES.
start_nginx() {
    local port
    port=$((20000 + RANDOM % 20000))
    note "nginx on port $port"
    mkdir -p "$work/nginx"
    chmod 755 "$work"
    cat >"$work/nginx.conf" <<END
daemon off;
master_process off;
pid $work/nginx/pid;
error_log stderr warn;
events { worker_connections 256; }
http {
    log_format demo '\$request_method \$uri \$http_range \$status \$body_bytes_sent';
    access_log $work/access.log demo;
    client_body_temp_path $work/nginx; proxy_temp_path $work/nginx; fastcgi_temp_path $work/nginx;
    uwsgi_temp_path $work/nginx; scgi_temp_path $work/nginx;
    default_type application/octet-stream;
    sendfile on;
    keepalive_requests 100000;
    server { listen 127.0.0.1:$port; root $work/www; location ~ /\. { return 404; } }
}
END
    nginx -p "$work/nginx" -e stderr -c "$work/nginx.conf" 2>"$work/nginx.err" &
    server_pid=$!
    base=http://127.0.0.1:$port
    wait_for "nginx" test -e "$work/access.log"
}

mark() { # Remembers the server's log up to here.
    marked=$(wc -l <"$work/access.log")
    began=$(now)
}

# row NAME: what has happened since the mark, as a line of the table.
row() {
    local time counted
    time=$(since "$began")
    sleep 0.2 # The server writes its log line after its answer.
    counted=$(tail -n +$((marked + 1)) "$work/access.log" \
        | awk '{ n++; b += $NF } END { printf "%d %d", n, b }')
    requests=${counted% *}
    printf '%-34s %10s %10s %12s\n' "$1" "$time" "$requests" "$(size "${counted#* }")" \
        >>"$work/table"
}
