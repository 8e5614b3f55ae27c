# Measuring commands: CPU seconds, wall seconds and peak memory of each run, medians over the rounds. Sourced by the
# benches, in the repository's root, with $work naming a folder of their own.

for needed in /usr/bin/time ffmpeg ffprobe; do
  command -v "$needed" >/dev/null || {
    echo "$0: $needed is not there: apt-get install time ffmpeg" >&2
    exit 1
  }
done

# Runs a command and keeps what it took under a name. Its output is shown only if it fails.
measure() {
  local name=$1
  shift
  /usr/bin/time --format '%U %S %e %M' --output "$work/time" "$@" >"$work/output" 2>&1 || {
    cat "$work/output" >&2
    exit 1
  }
  tail -n 1 "$work/time" >>"$work/$name.runs"
}

# The median over the rounds of one figure: cpu, wall (seconds) or peak (KiB).
median() {
  local figure=$1 name=$2
  awk -v figure="$figure" '{ print figure == "cpu" ? $1 + $2 : figure == "wall" ? $3 : $4 }' "$work/$name.runs" |
    sort -g | awk '{ all[NR] = $1 } END { print NR % 2 ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2 }'
}

# A line with the ratio of two figures, and the bound it is held against.
ratio() {
  printf '%-52s %7.3f       (at most %s)\n' "$1" "$(awk "BEGIN { print $2 / $3 }")" "$4"
}

# Where cargo puts a program that was built for release.
release_binary() {
  echo "${CARGO_TARGET_DIR:-target}/release/$1"
}

# A lossless song of 3 to 4 minutes, made of songs that are at hand.
lossless_master() {
  local folder=$1 recordings=() inputs=() file
  if [ -n "${NADA_TEST_MEDIA:-}" ]; then
    recordings=("$NADA_TEST_MEDIA"/lets-go-fishin.ogg "$NADA_TEST_MEDIA"/vibe-ace.ogg)
  else
    for file in packager/cli/demo/releases/*/*.{flac,ogg}; do
      if [ -f "$file" ]; then recordings+=("$file"); fi
    done
  fi
  for file in "${recordings[@]}"; do inputs+=(-i "$file"); done
  ffmpeg -v error -y "${inputs[@]}" -filter_complex "concat=n=${#recordings[@]}:v=0:a=1" -ar 44100 -ac 2 \
    -sample_fmt s16 -c:a flac "$folder/master.flac" </dev/null
  echo "$folder/master.flac"
}
