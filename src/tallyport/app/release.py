"""Which release runs, and whether as machine code (版本); see docs/adr/0014-compiled-core.md."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from tallyport.kernel import form


def is_compiled() -> bool:
    """Return whether what judges was compiled, or is interpreted as it stands in the source."""
    return Path(form.__file__).suffix not in {".py", ".pyc"}


def release() -> str:
    """Return the release, and how it runs."""
    return f"{version('tallyport')} ({'compiled' if is_compiled() else 'interpreted'})"
