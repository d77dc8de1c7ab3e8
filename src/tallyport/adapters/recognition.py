"""See the pages of a PDF or picture (文字识别) in a process of its own, bounded on every side.

    PDF       text layer by pdfium; a page without one is drawn and recognised
    picture   decoded by Pillow, recognised by Tesseract with Chinese and English

The bytes come from anybody, and the libraries that decode them are large. The process that runs
them has no environment of ours, a limit on memory, processor time, written files, and an end: when
it dies, the file is refused and we go on. pypdfium2 and Pillow are the extra `documents`, Tesseract
a Debian program; where one is missing, the message says what to install.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from tallyport.adapters import sm2, tongsuo
from tallyport.evidence.documents.model import Form, Rule, Word
from tallyport.evidence.documents.reading import SeeingError, Tools
from tallyport.evidence.documents.seals import Crypto
from tallyport.kernel.keys import Suite

SECONDS_MAX = 120  # Ten scanned pages take a minute on one core.
ANSWER_BYTES_MAX = 64 << 20  # Words of fifty full pages are a tenth of it.
_MODULE = "tallyport.adapters.seeing"


def see(content: bytes, form: Form) -> Sequence[Word]:
    """Return the words on the pages.

    Raises:
        SeeingError: the file is broken or beyond the limits, or a program is missing.
    """
    command = [sys.executable, "-I", "-m", _MODULE, form.value]
    try:
        done = subprocess.run(  # noqa: S603 - Our own interpreter and module.
            command,
            input=content,
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        raise SeeingError(
            Rule.TOO_LARGE, f"a file that is read in {SECONDS_MAX} seconds", "a slower one"
        ) from None
    if done.returncode or len(done.stdout) > ANSWER_BYTES_MAX:
        raise SeeingError(
            Rule.BROKEN, "a file that its reader survives", f"the reader ended: {done.returncode}"
        )
    answer = json.loads(done.stdout)
    if "rule" in answer:
        raise SeeingError(Rule(answer["rule"]), answer["expected"], answer["came"])
    return [
        # A PDF may name half a sign; nothing that shows text can spell it.
        Word(
            text=text.encode(errors="replace").decode(),
            left=left,
            top=top,
            height=height,
            page=page,
            confidence_bp=sure,
        )
        for text, left, top, height, page, sure in answer["words"]
    ]


def _verify(public: bytes, message: bytes, signature: bytes) -> bool:
    return sm2.verify(Suite.SM2, public, message, signature)


def tools() -> Tools:
    """Return all that reading a document needs."""
    return Tools(see=see, crypto=Crypto(sm3=tongsuo.sm3, verify_sm2=_verify))
