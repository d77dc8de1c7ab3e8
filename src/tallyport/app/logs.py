"""The log of a node as lines of JSON (结构化日志): one object a line, one id a request, no secrets.

    {"at":"2024-04-08T01:00:00.000Z","level":"info","logger":"tallyport.request","message":"GET ...

What is logged is chosen word by word where it happens; requests are logged by method, path and
status, never with their query, body, headers or cookies. `request` is the id of the request that a
line belongs to; an answer carries it as `X-Request-Id`.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO

from tallyport.app.settings import Spoken

REQUEST: ContextVar[str] = ContextVar("request", default="")
FIELDS = ("method", "path", "status", "milliseconds", "user")  # Extra words that a line may have.
LENGTH_MAX = 4_000  # Characters of a message or a trace: a line is read by people in the end.
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_NAME = "tallyport"


class JsonLines(logging.Formatter):
    """Spells a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC)
        fields: dict[str, object] = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:LENGTH_MAX],
        }
        if request := REQUEST.get():
            fields["request"] = request
        fields |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)[-LENGTH_MAX:]
        return json.dumps(fields, ensure_ascii=False)


def start_log(spoken: Spoken, out: IO[str] | None = None) -> logging.Handler:
    """Write the log of this process to `out`, else to standard error; return what does it."""
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines() if spoken is Spoken.JSON else logging.Formatter(_TEXT))
    root = logging.getLogger()
    for old in [one for one in root.handlers if one.get_name() == _NAME]:
        root.removeHandler(old)
    handler.set_name(_NAME)
    root.addHandler(handler)
    if spoken is Spoken.JSON:
        logging.getLogger("tallyport.request").setLevel(logging.INFO)
    return handler
