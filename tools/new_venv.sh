#!/usr/bin/env bash
# Makes .venv, or says what has to be installed first. Called by the Makefile from the project's root.
set -euo pipefail
python=${PYTHON:-python3}

stop() {
  printf 'tallyport: %s\n' "$1" "  Debian 12 or newer:  apt-get install python3 python3-venv" \
    "  another Python:      make PYTHON=python3.12 ..." >&2
  exit 1
}

command -v "$python" >/dev/null || stop "expected $python, found none on the PATH."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  stop "expected Python 3.11 or newer, $python is $("$python" --version 2>&1)."
"$python" -c 'import ensurepip, venv' 2>/dev/null || stop "expected $python to have its venv module."
"$python" -m venv --clear .venv
