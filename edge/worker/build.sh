#!/usr/bin/env bash
# Builds the Cloudflare worker into edge/worker/build/: index.js, the module workerd starts, and index_bg.wasm. With the
# argument `license`, the one that answers licence requests, into edge/worker/build-license/. licensed.js is to be started in
# the place of index.js where there is that one too.
# Nothing is downloaded: worker-build and wasm-bindgen come from the tools' folder, wasm-opt and esbuild from
# tests/node_modules (tests/run installs both). WASM_BINDGEN_BIN, WASM_OPT_BIN and ESBUILD_BIN name others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
case ${1-media} in
  # an isolate compiles all of it before its first answer
  media) build=build features=() most=480000 most_gzipped=200000 ;;
  license) build=build-license features=(--features license) most=590000 most_gzipped=245000 ;;
  *)
    echo "edge/worker/build.sh: $1 is none of media and license" >&2
    exit 2
    ;;
esac
tools=${NADA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nada}/tools/bin
npm_bin=$(cd ../../tests && pwd)/node_modules/.bin

export PATH="$tools:$npm_bin:$PATH"
export WASM_BINDGEN_BIN=${WASM_BINDGEN_BIN:-$tools/wasm-bindgen}
export WASM_OPT_BIN=${WASM_OPT_BIN:-$npm_bin/wasm-opt}
export ESBUILD_BIN=${ESBUILD_BIN:-$npm_bin/esbuild}

# worker-build would download what it does not find
for program in worker-build "$WASM_BINDGEN_BIN" "$WASM_OPT_BIN" "$ESBUILD_BIN"; do
  command -v "$program" >/dev/null || {
    echo "edge/worker/build.sh: $program is missing; tests/run installs it" >&2
    exit 1
  }
done

# paths of this machine would be in the module, 60 bytes at a time, in the places that panics name
remapped=()
for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
  remapped+=("--remap-path-prefix=$folder=")
done
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="${remapped[*]}"

worker-build --profile worker --out-dir "$build" -- --locked "${features[@]}"

./small.sh "$build/index_bg.wasm"

# index.js becomes one with what workerd starts
mv "$build/index.js" "$build/worker-build.js"
"$ESBUILD_BIN" src/entry.js --bundle --format=esm --minify --target=es2024 --log-level=error \
  "--alias:worker-build=./$build/worker-build.js" --external:./index_bg.wasm --external:cloudflare:workers \
  --outfile="$build/index.js"
rm "$build/worker-build.js"

bytes() { wc -c | tr -d ' '; }
# the entry of the worker of media where a worker of licences stands beside it
[[ $build != build ]] || cp src/licensed.js build/licensed.js

raw=$(bytes <"$build/index_bg.wasm")
gzipped=$(gzip -9c "$build/index_bg.wasm" | bytes)
echo "edge/worker/$build: wasm $raw bytes, $gzipped gzipped; JavaScript $(bytes <"$build/index.js")"

if ((raw > most || gzipped > most_gzipped)); then
  echo "edge/worker/build.sh: the module is larger than $most bytes, or than $most_gzipped gzipped" >&2
  exit 1
fi
