# Where things are, for every step; sourced by tests/run in the repository's root.

complain() { printf 'tests/run: %s\n' "$*" >&2; }

die() {
  complain "$@"
  exit 1
}

cache=${NADA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nada}
tools=$cache/tools
wasm=wasm32-unknown-unknown

if [ -n "${CI:-}" ]; then
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
  export CARGO_INCREMENTAL=0
fi
target=${CARGO_TARGET_DIR:-$PWD/target}

# Node 22 and the npm packages' programs first, then the tools built here.
export PATH="$PWD/tests/node_modules/.bin:$tools/bin:$PATH"

# The version of a package in Cargo.lock.
locked_version() {
  local version
  version=$(sed -n "/^name = \"$1\"\$/{n;s/^version = \"\(.*\)\"\$/\1/p;q}" Cargo.lock)
  [ -n "$version" ] || die "Cargo.lock names no package '$1'"
  echo "$version"
}
