#!/usr/bin/env bash
# Installs the Debian programs that some tests drive: a browser, text recognition, a software key module, and a font.
set -euo pipefail

declare -A package=(
  [chromium]="chromium"
  [tesseract]="tesseract-ocr tesseract-ocr-chi-sim"
  [softhsm2-util]="softhsm2"
)
wanted=()
for program in "${!package[@]}"; do
  # shellcheck disable=SC2206  # Several packages may stand behind one program.
  command -v "$program" >/dev/null || wanted+=(${package[$program]})
done
# Letters for drawing Chinese papers; Apache-2.0.
font=/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf
[ -e "$font" ] || wanted+=(fonts-droid-fallback)
if [ "${#wanted[@]}" -gt 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get -qq update
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -qq install -y --no-install-recommends \
    "${wanted[@]}" >/dev/null
fi
command -v "${!package[@]}"
