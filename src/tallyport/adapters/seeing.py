"""The process behind `recognition` (识别进程): bytes in, words or a refusal out, then it ends.

It bounds itself before it looks at the first byte, and what it starts inherits the bounds.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
from statistics import median
from typing import Any

from tallyport.evidence.documents.model import Form, Rule

MEMORY_BYTES_MAX = 2 << 30  # The largest picture in colours, thrice, and Tesseract's own.
PROCESSOR_SECONDS_MAX = 110  # A little before whoever waits gives up.
FILE_BYTES_MAX = 64 << 20  # Nothing needs to be written; libraries may want to.
PAGES_MAX = 50  # Scanned pages take seconds each; a file of more is a book.
PIXELS_MAX = 40_000_000  # A4 at 600 dpi has 35 million.
DRAWN_DPI = 200
TEXT_CHARS_MAX = 2_000_000  # A page of print has five thousand.
LAYER_SIGNS_MIN = 40  # Below it a text layer is a stamp or a page number on a scan.
SIDE_PIXELS_MIN = 1_600  # A smaller picture is drawn larger: letters want twenty pixels.
SCALE_MAX = 4  # A picture of 400 pixels holds a line of print; a smaller one none.
POOR_BP = 6_500  # Words less sure than this on the whole: perhaps the page lies on its side.
TEXT_BP = 9_700
_POINTS = 72
_TESSERACT = "tesseract"

_Words = list[tuple[str, float, float, float, int, int]]


class _Stop(Exception):  # noqa: N818 - An answer, not an error.
    def __init__(self, rule: Rule, expected: str, came: str) -> None:
        super().__init__(came)
        self.answer = {"rule": rule.value, "expected": expected, "came": came}


def bound() -> None:
    """Give up what a hostile file could use."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS_MAX),
        (resource.RLIMIT_FSIZE, FILE_BYTES_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Read standard input, write the answer."""
    bound()
    try:
        content, form = sys.stdin.buffer.read(), Form(sys.argv[1])
        words = _of_pdf(content) if form is Form.PDF else _of_picture(content)
        answer: dict[str, Any] = {"words": words}
    except _Stop as stop:
        answer = stop.answer
    except MemoryError:
        answer = _Stop(Rule.TOO_LARGE, "a file that fits into memory", "a larger one").answer
    sys.stdout.write(json.dumps(answer))


def _of_pdf(content: bytes) -> _Words:
    try:
        import pypdfium2  # type: ignore[import-untyped]  # noqa: PLC0415 - An extra.
    except ImportError:
        raise _missing("the extra `documents` (pypdfium2, Pillow)") from None
    try:
        document = pypdfium2.PdfDocument(content)
        if len(document) > PAGES_MAX:
            raise _Stop(Rule.PAGES, f"at most {PAGES_MAX} pages", f"{len(document)} pages")
        words: _Words = []
        for number in range(len(document)):
            page = document[number]
            layer = _text_layer(page, number + 1)
            is_enough = sum(len(word[0]) for word in layer) >= LAYER_SIGNS_MIN
            seen = [] if is_enough else _turned(_drawn(page), number + 1, is_spare=bool(layer))
            words += layer if len(seen) <= len(layer) else seen
    except pypdfium2.PdfiumError as error:
        raise _Stop(Rule.BROKEN, "a whole PDF without a password", str(error)[:200]) from None
    return words


def _text_layer(page: Any, number: int) -> _Words:  # noqa: ANN401 - pypdfium2 has no types.
    """Return the pieces of text as they are drawn."""
    layer, height, words, chars = page.get_textpage(), page.get_height(), [], 0
    for at in range(layer.count_rects()):
        left, bottom, right, top = layer.get_rect(at)
        text = layer.get_text_bounded(left, bottom, right, top).strip()
        chars += len(text)
        if chars > TEXT_CHARS_MAX:
            raise _Stop(Rule.TOO_LARGE, f"at most {TEXT_CHARS_MAX} signs a page", "more")
        if text:
            middle = height - (top + bottom) / 2  # Letters of two scripts share it, not their tops.
            words.append((text, left, middle, top - bottom, number, TEXT_BP))
    return _upright(words)


def _upright(words: _Words) -> _Words:
    """Give words without a height, as of a font that is not in the file, that of the page."""
    usual = median(word[3] for word in words) if words else 0.0
    return [
        word
        if word[3] >= usual / 3
        else (word[0], word[1], word[2] - (usual - word[3]) / 2, usual, word[4], word[5])
        for word in words
    ]


def _drawn(page: Any) -> Any:  # noqa: ANN401 - pypdfium2 has no types.
    scale = DRAWN_DPI / _POINTS
    if page.get_width() * page.get_height() * scale * scale > PIXELS_MAX:
        raise _Stop(Rule.TOO_LARGE, f"at most {PIXELS_MAX} pixels a page", "a larger page")
    return page.render(scale=scale).to_pil()


def _of_picture(content: bytes) -> _Words:
    try:
        from PIL import Image, ImageOps  # noqa: PLC0415 - An extra.
    except ImportError:
        raise _missing("the extra `documents` (pypdfium2, Pillow)") from None
    try:
        picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if picture.width * picture.height > PIXELS_MAX:
            size = f"{picture.width} x {picture.height}"
            raise _Stop(Rule.TOO_LARGE, f"at most {PIXELS_MAX} pixels", size)
        picture.load()
        upright = ImageOps.exif_transpose(picture)  # As a camera was held.
    except Image.DecompressionBombError as error:
        raise _Stop(Rule.TOO_LARGE, f"at most {PIXELS_MAX} pixels", str(error)[:200]) from None
    except (OSError, ValueError, SyntaxError) as error:
        raise _Stop(Rule.BROKEN, "a whole PNG or JPEG", str(error)[:200]) from None
    return _turned(upright, 1)


def _turned(picture: Any, number: int, *, is_spare: bool = False) -> _Words:  # noqa: ANN401 - Pillow is an extra.
    """Return what is read of a page, turned by quarters where it lies on its side.

    Without Tesseract, a page that has some text already does without.
    """
    clear = _clear(picture)
    try:
        best = _recognised(clear, number)
    except _Stop:
        if is_spare:
            return []
        raise
    for quarters in (1, 3, 2):
        if _sureness(best) >= POOR_BP:
            break
        other = _recognised(clear.rotate(90 * quarters, expand=True), number)
        best = max(best, other, key=_sureness)
    return best


def _sureness(words: _Words) -> int:
    """Return how sure the words are on the whole, each as much as it is long; 0 for none."""
    signs = sum(len(word[0]) for word in words)
    return sum(len(word[0]) * word[5] for word in words) // signs if signs else 0


def _clear(picture: Any) -> Any:  # noqa: ANN401 - Pillow is an extra.
    """Return the picture in grey, on white, from black to white, and large enough to be read."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - An extra.

    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        shown = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=(0.5, 0.5))
    times = min(SCALE_MAX, -(-SIDE_PIXELS_MIN // max(grey.size)))
    return (
        grey.resize((grey.width * times, grey.height * times), Image.Resampling.LANCZOS)
        if times > 1
        else grey
    )


def _recognised(picture: Any, number: int) -> _Words:  # noqa: ANN401 - Pillow is an extra.
    plain = io.BytesIO()
    picture.save(plain, format="PNG")  # What Tesseract gets was decoded and written by us.
    command = [_TESSERACT, "stdin", "stdout", "-l", "chi_sim+eng", "--psm", "6", "tsv"]
    try:
        done = subprocess.run(  # noqa: S603 - A fixed command line.
            command, input=plain.getvalue(), capture_output=True, check=False
        )
    except FileNotFoundError:
        raise _missing("the Debian programs tesseract-ocr and tesseract-ocr-chi-sim") from None
    if done.returncode:
        raise _Stop(
            Rule.NOT_READ,
            "a picture that Tesseract reads (is tesseract-ocr-chi-sim installed?)",
            done.stderr.decode(errors="replace").strip()[:200],
        )
    words: _Words = []
    for row in done.stdout.decode(errors="replace").splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) == 12 and cells[11].strip() and float(cells[10]) >= 0:  # noqa: PLR2004
            left, top, _, height = (float(cell) for cell in cells[6:10])
            sure = round(100 * float(cells[10]))
            words.append((cells[11].strip(), left, top + height / 2, height, number, sure))
    return words


def _missing(what: str) -> _Stop:
    return _Stop(Rule.NOT_READ, f"{what}: install it to read this file", "it is not installed")


if __name__ == "__main__":
    main()
