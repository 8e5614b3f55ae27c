# The song of the benches that listen, and the program that packages and serves it. Sourced by them, with $root naming the
# repository and $work a folder.

nada=${NADA_PROGRAM:-${CARGO_TARGET_DIR:-$root/target}/release/nada}
[ -x "$nada" ] || { echo "no $nada: cargo build --release --package nada" >&2; exit 1; }
export PATH="$root/tests/node_modules/.bin:$PATH"

# Music of so many seconds with sound from its first sample on, as a release: $work/demo/releases/startup.
song() {
  local release=$work/demo/releases/startup seconds=$1
  mkdir -p "$release"
  [ -f "$release/01.wav" ] || ffmpeg -v error -stream_loop -1 \
    -i "$root/packager/cli/demo/releases/lets-go-fishin/01.ogg" -t "$seconds" -ar 44100 -ac 2 \
    -af 'silenceremove=start_periods=1:start_threshold=-40dB' -sample_fmt s16 "$release/01.wav"
  cat >"$release/release.toml" <<'TOML'
[release]
id = "startup"
title = "Startup"
label = "Bench"
territories = ["IN"]

[[track]]
id = "STARTUP0001"
title = "Startup"
artists = ["Bench"]
audio = "01.wav"
TOML
}
