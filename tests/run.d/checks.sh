# The checks, each stopping at its first failing command.

check_fmt() {
  local -a scripts programs
  cargo fmt --all --check
  cargo fmt --manifest-path tests/fuzz/Cargo.toml --check
  mapfile -t scripts < <(git ls-files '*.js' '*.mjs' '*.ts' ':!*/demo/player/*.js')
  prettier --check "${scripts[@]}"
  # names that nothing defines, and what is never used: no compiler looks at these
  oxlint --quiet
  mapfile -t programs < <(python_files)
  "$tools/ruff/bin/ruff" format --no-cache --check "${programs[@]}"
  "$tools/ruff/bin/ruff" check --no-cache "${programs[@]}"
}

# Python by its name's ending or its first line.
python_files() {
  git ls-files '*.py'
  git grep -lE '^#!/usr/bin/env python3' -- ':!*.py' ':!*.md'
}

check_clippy() {
  cargo clippy --locked --workspace --all-targets --features nada/pictures -- -D warnings
  # as a newcomer builds it
  cargo clippy --locked --package nada -- -D warnings
  cargo clippy --locked --package nada-edge-worker --target "$wasm" -- -D warnings
}

# Cargo only warns of a profile's section for a package that is not there: after an update it would do nothing, unseen.
check_profiles() {
  python3 - Cargo.toml tests/fuzz/Cargo.toml <<'PYTHON'
import pathlib
import sys
import tomllib

strays = []
for manifest in map(pathlib.Path, sys.argv[1:]):
    lock = tomllib.loads(manifest.with_suffix(".lock").read_text())
    locked = {package["name"] for package in lock["package"]}
    profiles = tomllib.loads(manifest.read_text()).get("profile", {})
    named = [(profile, name) for profile, section in profiles.items() for name in section.get("package", {})]
    strays += [f"{manifest}: profile {profile} names {name}" for profile, name in named if name not in locked | {"*"}]
    print(f"{manifest}: {len(named)} packages named in profiles")
sys.exit("\n".join([*strays, "no such package in the lock file"]) if strays else 0)
PYTHON
}

check_wasm() {
  local pure=(nada-catalog nada-check nada-lyrics nada-protection nada-quote nada-token nada-edge)
  cargo check --locked --target "$wasm" "${pure[@]/#/--package=}" --package nada-edge-worker
}

check_deny() {
  local output
  cargo deny --locked check licenses sources
  # edges between crates are about what ships: a crate's own tests may reach further
  cargo deny --locked --exclude-dev check --allow unused-wrapper bans
  if output=$(timeout 120 cargo deny fetch db 2>&1); then
    cargo deny --locked check advisories
  else
    echo "advisories: skipped, their database could not be fetched: $(grep . <<<"$output" | tail -n 1)"
  fi
}

check_doc() {
  RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
}

check_worker() {
  edge/worker/build.sh license
  edge/worker/build.sh
}

check_workflows() {
  local -a scripts
  node tests/workflows/lint.mjs
  node --test tests/workflows/*.test.mjs
  "$tools/zizmor/bin/zizmor" --offline --quiet .github
  mapfile -t scripts < <(git grep -lE '^#!/usr/bin/env bash' -- . ':!*.md')
  shellcheck --external-sources --check-sourced "${scripts[@]}"
}

check_cost() {
  python3 -m unittest discover --quiet --start-directory infra/cost
}

check_page() {
  local -a most
  node --test edge/recipes/*.test.mjs
  tsc -p edge/player --noEmit --emitDeclarationOnly false
  # what the last step runs, and with it the program that packages
  cargo nextest run --locked --workspace --features nada/pictures --no-run --cargo-quiet
  mapfile -t most < <(git ls-files 'edge/player/tests/*.test.mjs' ':!*/engines.test.mjs')
  export NADA_PROGRAM=$target/debug/nada
  node --test --test-concurrency=2 --test-reporter=dot "${most[@]}"
  # two further browsers beside Chromium would leave no page the time that its tests are about
  node --test --test-reporter=dot edge/player/tests/engines.test.mjs
}

check_doctest() {
  cargo test --locked --workspace --doc --quiet
}

# The coverage instrumentation that cargo-fuzz asks of the compiler, without a sanitizer: that alone needs nightly.
fuzz_flags() {
  local pass
  printf -- '--cfg fuzzing -Cpasses=sancov-module'
  for pass in level=4 inline-8bit-counters pc-table trace-compares; do
    printf -- ' -Cllvm-args=-sanitizer-coverage-%s' "$pass"
  done
}

check_fuzz() {
  local host source name work=tests/.work/fuzz
  host=$(rustc -vV | sed -n 's/^host: //p')
  # naming the host as a target keeps the instrumentation out of build scripts
  RUSTFLAGS=$(fuzz_flags) cargo build --locked --release --manifest-path tests/fuzz/Cargo.toml \
    --target "$host" --target-dir "$target/fuzz"
  for source in tests/fuzz/fuzz_targets/*.rs; do
    name=$(basename "$source" .rs)
    mkdir -p "$work/$name"
    fuzz "$target/fuzz/$host/release/$name" "$work/$name" "tests/fuzz/seeds/$name"
  done
}

# Runs one fuzz target for a few seconds: program, folder for what it finds, folder of seeds.
fuzz() {
  local program=$1 work=$2 seeds=$3 log=$2.log
  if "$program" "$work" "$seeds" -max_total_time="${NADA_FUZZ_SECONDS:-5}" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$work." >"$log" 2>&1; then
    echo "$(basename "$program"): $(tail -n 1 "$log")"
  else
    tail -n 30 "$log"
    die "fuzz target $(basename "$program") failed; its input and log are beside $work"
  fi
}

# All programs, with the same features as the tests have: the black-box suites start them.
build_programs() {
  cargo build --locked --workspace --features nada/pictures --bins --tests
}

check_terraform() {
  local providers
  if ! providers=$(terraform_providers); then
    complain "SKIPPED: infra/ is not checked: terraform is missing, or it has no providers and no registry"
    return
  fi
  [ "$providers" = registry ] || build_programs
  NADA_PYTHON=$tools/python-tests/bin/python NADA_CHECKOV=$tools/python-checkov/bin/checkov \
    NADA_PROGRAM=$target/debug/nada infra/tests/check
}

note_optional_inputs() {
  [ -n "${NADA_TEST_MEDIA:-}" ] || echo "NADA_TEST_MEDIA is not set: tests on real recordings are skipped"
}

check_test() {
  note_optional_inputs
  build_programs
  cargo nextest run --locked --workspace --features nada/pictures ${CI:+--profile ci}
}
