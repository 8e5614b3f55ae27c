#!/usr/bin/env bash
# Makes the fonts of this folder anew: static SemiBold cuts of Noto without hinting, with every feature of their scripts.
# It needs Debian's archive, npm, and Python with fonttools 4.60.1 and brotli 1.1.0 (python3 -m pip install).
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"

apt-get download -qq fonts-noto-core=20201225-1 fonts-noto-extra=20201225-1
for package in *.deb; do dpkg-deb -x "$package" noto; done
npm pack --silent @fontsource/noto-emoji@5.3.2 >/dev/null
tar xf fontsource-noto-emoji-*.tgz
truetype=noto/usr/share/fonts/truetype/noto

# $1: the file to make; $2: its source; $3: the characters kept
make() {
  python3 -m fontTools.subset "$2" --output-file="$here/$1.ttf" --unicodes="$3" --layout-features='*' --no-hinting \
    --desubroutinize --notdef-outline --name-IDs='0,1,2,3,4,5,6,13,14,16,17' --no-recalc-timestamp
}

# Letters of Latin, marks that combine, punctuation, currencies.
make latin $truetype/NotoSans-SemiBold.ttf \
  20-7E,A0-24F,250-2AF,2B0-2FF,300-36F,1DC4-1DFF,1E00-1EFF,2000-206F,2070-209F,20A0-20BF,2100-214F,2190-2199,2212,25CC,A720-A7FF,FB00-FB06,FFFD
for script in Devanagari Bengali Gurmukhi Gujarati Tamil Telugu Kannada Malayalam; do
  make "${script,,}" "$truetype/NotoSans$script-SemiBold.ttf" '*'
done
# Odia and Nastaliq have no SemiBold.
make odia $truetype/NotoSansOriya-Bold.ttf '*'
make urdu $truetype/NotoNastaliqUrdu-Bold.ttf '*'
# Notes, hearts and stars that lyrics have.
make symbols $truetype/NotoSansSymbols2-Regular.ttf 2600-26FF,2700-27BF,25A0-25FF,2B00-2BFF
make music $truetype/NotoMusic-Regular.ttf 2669-266F
make emoji package/files/noto-emoji-emoji-600-normal.woff2 '*'

# One licence, and the copyright of each family as its fonts state it.
{
  echo "Noto Sans, Noto Nastaliq Urdu, Noto Music, Noto Sans Symbols2: Copyright 2010, 2012-2020 Google LLC"
  head -n 1 package/LICENSE | sed 's/^/Noto Emoji: /'
  echo
  sed -n '/^This Font Software is licensed/,$p' package/LICENSE
} >"$here/OFL.txt"
