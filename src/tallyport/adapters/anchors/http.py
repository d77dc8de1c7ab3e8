"""An HTTP endpoint as an anchor (网络锚点): anything that keeps what is PUT and gives it back.

PUT  URL/000000000053    the checkpoint, with If-None-Match: *    2xx; 412 when it is there
PUT  URL/latest          the same, so that it is found again
GET  URL/latest          200 and the checkpoint; 404 when there is none yet
"""

from __future__ import annotations

import urllib.error
import urllib.request
from contextlib import closing
from http import HTTPStatus

from tallyport.adapters.anchors.port import AnchorError

SECONDS_MAX = 30  # Anchoring can wait; whoever does not answer by then is asked again later.
NOTE_BYTES_MAX = 1 << 16  # A checkpoint with a hundred signatures is a third of it.
_DIGITS = 12
_KEPT = range(200, 300)  # Whatever an endpoint says when it has done it.


class HttpAnchor:
    """Checkpoints behind an address."""

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise AnchorError(f"{url}: expected an address that begins with http:// or https://")
        self.name = url.rstrip("/")

    def put(self, size: int, note: str) -> None:
        """Keep a checkpoint; see `port.Anchor`."""
        place = f"{size:0{_DIGITS}d}"
        status, text = self._ask("PUT", place, note, {"If-None-Match": "*"})
        if status == HTTPStatus.PRECONDITION_FAILED:
            if self.get(size) != note:
                raise AnchorError(
                    f"{self.name}/{place}: another checkpoint over {size} entries is kept there"
                )
        elif status not in _KEPT:
            raise AnchorError(f"{self.name}: does not keep a checkpoint: {status} {text[:200]!r}")
        status, text = self._ask("PUT", "latest", note, {})
        if status not in _KEPT:
            raise AnchorError(f"{self.name}: does not keep `latest`: {status} {text[:200]!r}")

    def get(self, size: int) -> str | None:
        """Return what is kept for `size`."""
        return self._get(f"{size:0{_DIGITS}d}")

    def latest(self) -> str | None:
        """Return what is kept for the largest size."""
        return self._get("latest")

    def _get(self, place: str) -> str | None:
        status, text = self._ask("GET", place, None, {})
        if status == HTTPStatus.NOT_FOUND:
            return None
        if status != HTTPStatus.OK:
            raise AnchorError(f"{self.name}/{place}: does not answer: {status} {text[:200]!r}")
        return text

    def _ask(
        self, method: str, place: str, note: str | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        data = None if note is None else note.encode()
        request = urllib.request.Request(  # noqa: S310 - Begins with http.
            f"{self.name}/{place}",
            data=data,
            method=method,
            headers=headers | ({} if data is None else {"Content-Type": "text/plain"}),
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS_MAX) as came:  # noqa: S310
                return int(came.status), came.read(NOTE_BYTES_MAX).decode(errors="replace")
        except urllib.error.HTTPError as error:
            with closing(error):
                return error.code, error.read(NOTE_BYTES_MAX).decode(errors="replace")
        except OSError as error:
            raise AnchorError(f"{self.name}: does not answer: {error}") from error
