"""The process of one target (单目标进程): our code instrumented, input chosen by libFuzzer."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

atheris: Any = import_module("atheris")  # Only `make fuzz` installs it.

with atheris.instrument_imports(include=["tallyport"]):
    from support.fuzz.targets import TARGETS


if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
