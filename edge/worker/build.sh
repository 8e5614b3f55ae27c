#!/usr/bin/env bash
# Builds the Cloudflare worker into edge/worker/build/: index.js, the module workerd starts, and index_bg.wasm.
# Nothing is downloaded: worker-build and wasm-bindgen come from the tools' folder, wasm-opt and esbuild from
# tests/node_modules (tests/run installs both). WASM_BINDGEN_BIN, WASM_OPT_BIN and ESBUILD_BIN name others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
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

worker-build --profile worker -- --locked

./small.sh build/index_bg.wasm

bytes() { wc -c | tr -d ' '; }
raw=$(bytes <build/index_bg.wasm)
gzipped=$(gzip -9c build/index_bg.wasm | bytes)
echo "edge/worker/build: wasm $raw bytes, $gzipped gzipped; JavaScript $(bytes <build/index.js)"

# an isolate compiles all of it before its first answer
if ((raw > 480000 || gzipped > 200000)); then
  echo "edge/worker/build.sh: the module is larger than 480,000 bytes, or than 200,000 gzipped" >&2
  exit 1
fi
