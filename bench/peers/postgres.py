"""PostgreSQL: durable inserts through pgbench, as its authors measure it; where it is installed."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NEEDED = ("initdb", "pg_ctl", "pgbench", "psql")
_TABLE = "CREATE TABLE posting (id bigserial PRIMARY KEY, body text NOT NULL)"
_INSERT = "INSERT INTO posting (body) VALUES (repeat('x', 700));\n"
_PORT = "54329"


class AbsentError(Exception):
    """There is no PostgreSQL that could be started here."""


@contextmanager
def server(folder: Path) -> Iterator[list[str]]:
    """Yield what to write before a command so that it reaches a fresh, durable server."""
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if missing:
        raise AbsentError(
            f"PostgreSQL is not installed: {', '.join(missing)} not found on the PATH; Debian: "
            "apt-get install postgresql, and put /usr/lib/postgresql/*/bin on the PATH"
        )
    home, sockets = folder / "postgres", folder / "sockets"
    home.mkdir()
    sockets.mkdir()
    front: list[str] = []
    if os.geteuid() == 0:  # It refuses to run as root.
        user = next((one for one in ("postgres", "nobody") if _is_user(one)), None)
        if user is None or shutil.which("setpriv") is None:
            raise AbsentError("PostgreSQL does not run as root, and no other user is at hand")
        front = ["setpriv", f"--reuid={user}", "--clear-groups"]
        for path in (home, sockets):
            shutil.chown(path, user)
        folder.chmod(0o755)
    options = f"-p {_PORT} -k {sockets} -h '' -c max_connections=100"
    _run([*front, "initdb", "-D", str(home), "-U", "bench", "-A", "trust"])
    _run([*front, "pg_ctl", "-D", str(home), "-w", "-l", str(home / "log"), "-o", options, "start"])
    try:
        yield ["env", f"PGHOST={sockets}", f"PGPORT={_PORT}", "PGUSER=bench", "PGDATABASE=postgres"]
    finally:
        _run([*front, "pg_ctl", "-D", str(home), "-m", "immediate", "stop"])


def inserts(folder: Path, reach: list[str], clients: int, seconds: int) -> float:
    """Return durable inserts a second, one a commit, by so many clients."""
    _run([*reach, "psql", "-q", "-c", _TABLE.replace("TABLE ", "TABLE IF NOT EXISTS ")])
    script = folder / "insert.sql"
    script.write_text(_INSERT)
    load = ["-c", str(clients), "-j", "2", "-T", str(seconds)]
    told = _run([*reach, "pgbench", "-n", "-M", "prepared", "-f", str(script), *load])
    found = re.search(r"tps = ([0-9.]+)", told)
    return float(found.group(1)) if found else 0.0


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")  # noqa: S603
    if done.returncode != 0:
        raise AbsentError(f"PostgreSQL did not do {command}: {done.stderr.strip()[-200:]}")
    return done.stdout
