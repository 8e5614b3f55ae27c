# Measuring servers: starting them, the CPU seconds of their processes, load on them. Sourced by the benches, in the
# repository's root, with $work naming a folder of their own.

for needed in "$@"; do
  command -v "$needed" >/dev/null || {
    echo "$0: $needed is not there: apt-get install curl nginx wrk" >&2
    exit 1
  }
done

# What was started, by process id; all of it ends with the bench.
started=()

stop_all() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}

# Builds what is measured, and what it reads from.
build_servers() {
  cargo build --quiet --release --package nada
  cargo build --quiet --release --package nada-tests --example origin
  local target=${CARGO_TARGET_DIR:-target}/release
  nada=$target/nada origin=$target/examples/origin
}

# Waits for a condition, for a minute at most.
wait_for() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  echo "$0: waited a minute for: $*" >&2
  exit 1
}

# A port that was free a moment ago.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Starts the origin with so many songs beside the one; then $work/paths and the environment of `nada serve` are there.
start_origin() {
  mkfifo "$work/open"
  "$origin" "$work" "$1" <"$work/open" &
  started+=($!)
  exec {open}>"$work/open"
  wait_for test -e "$work/environment"
  # shellcheck source=/dev/null
  source "$work/environment"
}

# Starts `nada serve` with these further arguments; $nada_port, $metrics_port and $nada_pid are its own.
# shellcheck disable=SC2120,SC2154 # a bench may have none; the origin's environment names the bucket
start_nada() {
  nada_port=$(free_port) metrics_port=$(free_port)
  "$nada" serve --origin "s3://$bucket" --country IN --listen "127.0.0.1:$nada_port" \
    --metrics "127.0.0.1:$metrics_port" "$@" {open}>&- \
    >>"$work/nada.log" 2>"$work/nada.err" &
  nada_pid=$!
  started+=("$nada_pid")
  wait_for curl -sf "http://127.0.0.1:$nada_port/healthz"
}

# CPU of processes so far, in hundredths of a second (user and system).
cpu_of() {
  local pid
  for pid in "$@"; do sed 's/.*) //' "/proc/$pid/stat"; done | awk -v hertz="$(getconf CLK_TCK)" \
    '{ all += $12 + $13 } END { print all * 100 / hertz }'
}

# Resident memory of a process in KiB.
rss_of() {
  awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

# The median of the numbers given.
median_of() {
  printf '%s\n' "$@" | sort -g | awk '{ all[NR] = $1 } END { print NR % 2 ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2 }'
}
