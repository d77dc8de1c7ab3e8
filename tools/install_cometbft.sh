#!/usr/bin/env bash
# Installs the consensus engine of a network, CometBFT, with the Go toolchain into var/bin.
# Does nothing when that version is there already. TALLYPORT_COMETBFT may name another place.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=v0.38.25
target=${1:-var/bin}

if [ -x "$target/cometbft" ] && [ "v$("$target/cometbft" version)" = "$version" ]; then
  exit 0
fi
command -v go >/dev/null || {
  printf 'tallyport: %s\n' "expected Go 1.22 or newer to install CometBFT $version, found none." \
    "  Debian 13 or newer:  apt-get install golang-go" \
    "  or put a cometbft $version on the PATH, or name it in TALLYPORT_COMETBFT." >&2
  exit 1
}
mkdir -p "$target"
echo "tallyport: installing CometBFT $version into $target (a minute or two)" >&2
GOBIN=$(realpath "$target") go install "github.com/cometbft/cometbft/cmd/cometbft@$version"
