#!/usr/bin/env bash
# Installs Hyperledger Fabric's orderer, peer and tools with the Go toolchain into var/fabric/bin, for
# `make fabric`. Does nothing when that version is there already. An argument names another place.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=v2.5.9
target=${1:-var/fabric}
module=github.com/hyperledger/fabric

if [ -x "$target/bin/peer" ] && "$target/bin/peer" version | grep -qx " Version: $version"; then
  exit 0
fi
command -v go >/dev/null || {
  printf 'tallyport: %s\n' "expected Go 1.22 or newer to install Hyperledger Fabric $version, found none." \
    "  Debian 13 or newer:  apt-get install golang-go" >&2
  exit 1
}
mkdir -p "$target/bin"
target=$(realpath "$target")
echo "tallyport: installing Hyperledger Fabric $version into $target (some minutes)" >&2
cd tools/fabric
samples=$(go mod download && go list -m -f '{{.Dir}}' "$module")/sampleconfig
install -m 644 "$samples/core.yaml" "$samples/orderer.yaml" "$target/"
for program in cryptogen configtxgen osnadmin orderer peer; do  # The peer last: it says all is there.
  GOBIN="$target/bin" go install -ldflags "-X $module/common/metadata.Version=$version" \
    "$module/cmd/$program"
done
