"""The command line (命令行): decode, call the application, print."""

from __future__ import annotations

from tallyport.cli.main import main

__all__ = ["main"]
