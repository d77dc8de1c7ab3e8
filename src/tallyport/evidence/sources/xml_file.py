"""Read the records of an XML file, as many as can be had (XML 读取).

    record: Declaration/Goods      one row for each <Goods> in a <Declaration>, wherever it stands
      line_no: GNo                 its child
      currency: Amt/@Ccy           an attribute further down
      declared: ../DeclareDate     a value of the parent, which must stand before the record

Elements go by their local names. A file that declares entities is refused as a whole: no honest
export does, and every attack on an XML reader begins so. Where the text breaks, the innermost
record (or parent of records) around the break is cut out and put into quarantine, and the rest is
read again without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from tallyport.evidence.sources import encoding, raw
from tallyport.evidence.sources.profile import Form
from tallyport.evidence.sources.raw import Broken, Chunk, UnreadableError
from tallyport.evidence.sources.rules import Finding, Rule, Severity

XML_BYTES_MAX = 256 * 2**20  # The text and its rows are held in memory; larger exports are CSV.
BREAKS_MAX = 20  # Each break costs a pass over the file; with more it is not XML but noise.

Element = etree._Element  # noqa: SLF001 - lxml has no other name for it.
Extract = Callable[[Element], Mapping[str, str]]
Rows = dict[int, Mapping[str, str]]  # Values of each record, by its number.


def declared(head: bytes) -> str | None:
    """Return the encoding that the file announces in its first line."""
    match = re.match(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", head)
    return match[1].decode("ascii") if match else None


def values(paths: Sequence[str]) -> Extract:
    """Return what takes the values at `paths` out of a record's element."""
    steps = [(path, path.split("/")) for path in paths]

    def extract(element: Element) -> Mapping[str, str]:
        return {path: found for path, parts in steps if (found := _value(element, parts))}

    return extract


def _value(element: Element, parts: Sequence[str]) -> str | None:
    """Return the text at the end of the path `parts`, or None."""
    at: Element | None = element
    for part in parts:
        if at is None:
            return None
        if part.startswith("@"):
            marks = {local(key): str(text) for key, text in at.attrib.items()}
            return marks.get(part[1:])
        at = at.getparent() if part == ".." else at.find(f"{{*}}{part}")
    return None if at is None else "".join(str(text) for text in at.itertext()).strip()


def local(tag: object) -> str:
    """Return the name of an element without its namespace."""
    return str(tag).rpartition("}")[2]


def chunks(
    path: Path, form: Form, found: encoding.Found, paths: Sequence[str], extract: Extract
) -> Iterator[Chunk]:
    """Yield the records of the file, with a column for each of `paths`.

    Raises:
        UnreadableError: It is too large, declares entities or has no record.
    """
    size = path.stat().st_size
    if size > XML_BYTES_MAX:
        raise _refuse(Rule.FILE_TOO_LARGE, f"at most {XML_BYTES_MAX} bytes", f"{size} bytes")
    text = path.read_bytes().decode(found.name, encoding.MARK).removeprefix("\ufeff")
    text = without_prolog(text)
    if "<!ENTITY" in text:
        raise _refuse(Rule.XML_ENTITIES, "no entity declarations", "at least one")
    rows, broken, findings = _salvaged(text, form.record.split("/"), extract)
    if not rows and not broken:
        raise _refuse(Rule.RECORDS_MISSING, f"elements at {form.record}", "none")
    numbers = sorted(rows)
    cells = ([rows[number].get(name) for number in numbers] for name in paths)
    frame = raw.frame(list(paths), numbers, cells)
    yield Chunk(frame=frame, broken=tuple(broken), findings=tuple(findings))


def records(text: str, record: str, extract: Extract) -> list[Mapping[str, str]]:
    """Return the records in a piece of a file that somebody mended; none where it is still broken.

    The element around the piece is gone, so that values of a parent outside of it are missing.
    """
    rows, _, findings = _salvaged(f"<piece>{text}</piece>", [record.rpartition("/")[2]], extract)
    return [] if findings or "<!ENTITY" in text else list(rows.values())


def _salvaged(
    text: str, steps: Sequence[str], extract: Extract
) -> tuple[Rows, list[Broken], list[Finding]]:
    """Read the text; where it breaks, cut a piece out and read it again."""
    kept: dict[int, Mapping[str, str]] = {}  # Records before the break in a piece that was cut.
    broken: list[Broken] = []
    findings: list[Finding] = []
    cut: set[int] = set()  # Numbers of the records in pieces that were cut out.
    while True:
        parse = _Parse(steps=steps, extract=extract, cut=cut)
        parse.read(text)
        starts = _starts(text, steps[-1])
        if parse.error is not None:
            findings.append(_break(parse))
        if parse.error is None or len(starts) <= len(parse.rows):
            break  # All that begins is complete: what is missing is the end of the file.
        piece = parse.piece(text) if len(findings) < BREAKS_MAX else None
        if piece is None:
            broken += _rest(text, starts[len(parse.rows) :], parse)
            break
        before = sum(start < piece[0] for start in starts)
        inside = sum(piece[0] <= start < piece[1] for start in starts)
        complete = list(parse.rows)[before:]
        kept |= {number: parse.rows[number] for number in complete}
        lost = [parse.following() for _ in range(max(1, inside - len(complete)))]
        broken.append(_broken(lost[0], text[piece[0] : piece[1]]))
        cut.update(complete, lost)
        text = text[: piece[0]] + text[piece[1] :]
    return {**parse.rows, **kept}, broken, findings


def without_prolog(text: str) -> str:
    """Return the text without its first line, which names an encoding that it is no longer in."""
    return re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL)


def _refuse(rule: Rule, expected: str, came: str) -> UnreadableError:
    return UnreadableError(Finding(rule=rule, severity=Severity.FILE, expected=expected, came=came))


@dataclass(slots=True, kw_only=True)
class _Parse:
    """One pass over the text, up to its end or to the first break."""

    steps: Sequence[str]
    extract: Extract
    cut: set[int]
    rows: Rows = field(default_factory=dict)
    number: int = 0  # Of the last record, counted in the file as it came.
    trail: list[str] = field(default_factory=list)  # Open elements.
    started: dict[str, int] = field(default_factory=dict)  # How often each step's name began.
    error: etree.XMLSyntaxError | None = None

    def following(self) -> int:
        """Count to the next record that was not cut out."""
        self.number += 1
        while self.number in self.cut:
            self.number += 1
        return self.number

    def read(self, text: str) -> None:
        parser: etree.XMLPullParser = etree.XMLPullParser(
            events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
            encoding="utf-8",
        )  # fmt: skip
        data = text.encode("utf-8")
        try:
            for start in range(0, len(data), encoding.BLOCK_BYTES):
                parser.feed(data[start : start + encoding.BLOCK_BYTES])
                self._take(parser)
            parser.close()
        except etree.XMLSyntaxError as stop:
            self.error = stop
            self._take(parser)

    def _take(self, parser: etree.XMLPullParser) -> None:
        for event, element in events(parser):
            if event == "start":
                name = local(element.tag)
                self.trail.append(name)
                if name in self.steps:
                    self.started[name] = self.started.get(name, 0) + 1
                continue
            if self.trail[-len(self.steps) :] == self.steps:
                self.rows[self.following()] = self.extract(element)
            if len(self.trail) == 2:  # noqa: PLR2004 - A child of the document element is complete.
                _forget(element)
            self.trail.pop()

    def piece(self, text: str) -> tuple[int, int] | None:
        """Return where the innermost element on the path begins and ends, if one is open."""
        for depth in range(len(self.steps), 0, -1):
            tails = (self.trail[at : at + depth] for at in range(len(self.trail)))
            if list(self.steps[:depth]) not in tails:
                continue
            name = self.steps[depth - 1]
            starts = _starts(text, name)
            index = self.started.get(name, 0) - 1
            if not 0 <= index < len(starts) or (len(starts) == 1 and depth < len(self.steps)):
                continue
            stops = [starts[index + 1]] if index + 1 < len(starts) else []
            for tag in (name, *([self.steps[depth - 2]] if depth > 1 else [])):
                end = re.compile(rf"</(?:[\w.-]+:)?{re.escape(tag)}\s*>").search(
                    text, starts[index]
                )
                if end is not None:
                    stops.append(end.end() if tag == name else end.start())
            return starts[index], min(stops, default=len(text))
        return None


def _starts(text: str, name: str) -> list[int]:
    pattern = rf"<(?:[\w.-]+:)?{re.escape(name)}(?=[\s/>])"
    return [match.start() for match in re.finditer(pattern, text)]


def events(parser: etree.XMLPullParser) -> Iterator[tuple[str, Element]]:
    """Yield the events up to the break, if there is one."""
    try:
        for event, element in parser.read_events():
            if isinstance(element, Element):
                yield event, element
    except etree.XMLSyntaxError:
        return


def _forget(element: Element) -> None:
    """Drop a part of the tree that was read: a long file need not fit into memory twice."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _break(parse: _Parse) -> Finding:
    came = f"{parse.error.msg if parse.error else ''} behind record {parse.number}"
    return Finding(
        rule=Rule.XML_BROKEN, severity=Severity.FILE, expected="well-formed XML", came=came
    )


def _broken(number: int, text: str) -> Broken:
    return Broken(
        line=number,
        rule=Rule.ROW_BROKEN,
        expected="well-formed XML",
        came=raw.shown(text.strip()),
        raw={"xml": text},
    )


def _rest(text: str, starts: Sequence[int], parse: _Parse) -> Iterator[Broken]:
    """Yield the records behind a break that stands outside of any."""
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield _broken(parse.following(), text[start:end])
