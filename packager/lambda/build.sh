#!/usr/bin/env bash
# Builds the function for AWS Lambda on arm64 (`provided.al2023`): bootstrap, stripped, in
# {target folder}/lambda/bootstrap/bootstrap. cargo-lambda cross-compiles, the C++ of the encoder with zig.
#
# NADA_CARGO_LAMBDA names the folder of the Python environment that holds both, if not the one of the tools' folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
environment=${NADA_CARGO_LAMBDA:-${NADA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nada}/tools/cargo-lambda}
target=${CARGO_TARGET_DIR:-$PWD/target}
most=15000000 # bytes: what is loaded before the first invocation

if [ ! -x "$environment/bin/cargo-lambda" ]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check cargo-lambda==1.9.2 ziglang==0.17.1
fi
rustup target add aarch64-unknown-linux-gnu
export PATH="$environment/bin:$PATH"
flags=(
  -C target-cpu=neoverse-n1 # Graviton2, as cargo-lambda itself does for its own profile
  -C force-unwind-tables=no # a panic ends the instance, so nothing unwinds the stack
  # panics name source files: by stand-ins for this machine's folders, so that the same commit is the same bytes in any
  "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
  "--remap-path-prefix=$PWD=/nada"
  "--remap-path-prefix=$target=/target"
)
export RUSTFLAGS="${flags[*]}"
# The encoder's library names the second in which it was compiled: 1980. zig's cache does not know of that variable, hence
# one of its own.
export SOURCE_DATE_EPOCH=315532800 ZIG_GLOBAL_CACHE_DIR=$target/zig ZIG_LOCAL_CACHE_DIR=$target/zig
cargo lambda build --locked --profile function --arm64 --bin bootstrap --package nada-lambda --lambda-dir "$target/lambda"

bootstrap=$target/lambda/bootstrap/bootstrap
bytes=$(wc -c <"$bootstrap")
printf '%s: %d bytes\n' "$bootstrap" "$bytes"
if ((bytes > most)); then
  echo "packager/lambda/build.sh: the function is larger than $most bytes" >&2
  exit 1
fi
