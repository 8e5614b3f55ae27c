#!/usr/bin/env bash
# Makes a wasm module of the worker's profile as small as it is deployed, in place. WASM_OPT_BIN names a wasm-opt.
set -euo pipefail

# what rustc emits and workerd supports; with every feature, binaryen would use encodings that it does not
features=(bulk-memory exception-handling multivalue mutable-globals nontrapping-float-to-int reference-types sign-ext)
"${WASM_OPT_BIN:-wasm-opt}" -Oz "${features[@]/#/--enable-}" --strip-debug --strip-producers --strip-target-features \
  "$1" -o "$1.small"
mv "$1.small" "$1"
