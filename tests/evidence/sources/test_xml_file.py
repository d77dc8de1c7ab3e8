"""Records of an XML file survive whatever happens to the file around them.

Goal: one bad character costs one record, a truncated file costs its last one, and a hostile file
costs nothing at all. Method: files are made of numbered records, spoiled or cut at every place, and
every record that was left whole must come out with its number.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import encoding, raw, xml_file
from tallyport.evidence.sources.profile import Form, Format
from tallyport.evidence.sources.raw import Broken, Chunk, UnreadableError
from tallyport.evidence.sources.rules import Rule

UTF_8 = encoding.Found(name="utf-8")
TEXTS = st.text(alphabet="ab <&>'\"新Ж\n", max_size=6)


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that each test writes anew."""
    return tmp_path_factory.mktemp("xml") / "file.xml"


def read(path: Path, record: str, *paths: str, found: encoding.Found = UTF_8) -> Chunk:
    """Return the records at `record` with the values at `paths`."""
    form = Form(glob="*", format=Format.XML, record=record)
    (chunk,) = xml_file.chunks(path, form, found, paths, xml_file.values(paths))
    return chunk


def rows(chunk: Chunk) -> list[tuple[object, ...]]:
    """Return the line and the values of each record."""
    return chunk.frame.select(raw.LINE, *chunk.frame.columns[:-1]).rows()


@given(texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_what_is_written_is_read(path: Path, texts: list[tuple[str, str]]) -> None:
    """Elements, attributes and parents; whatever the text, each record has its number."""
    body = "".join(
        f"<D no='{number}'><N>{number}</N><T>{escape(one)}</T>"
        f"<G><V x='{number}'>{escape(two)}</V></G></D>"
        for number, (one, two) in enumerate(texts)
    )
    path.write_text(f"<?xml version='1.0'?><R xmlns='urn:x'>{body}</R>", "utf-8")

    heads = read(path, "D", "@no", "T")
    goods = read(path, "D/G", "../N", "V", "V/@x")

    assert rows(heads) == [
        (number + 1, str(number), one.strip() or None) for number, (one, _) in enumerate(texts)
    ]
    assert rows(goods) == [
        (number + 1, str(number), two.strip() or None, str(number))
        for number, (_, two) in enumerate(texts)
    ]


def document(count: int, spoil: dict[int, str]) -> str:
    """Return `count` records with two goods each, some of them spoiled."""
    body = [
        f"<D><N>{number}</N><G><V>{number}a{spoil.get(number, '')}</V></G>"
        f"<G><V>{number}b</V></G></D>"
        for number in range(1, count + 1)
    ]
    return f"<R>{''.join(body)}</R>"


SPOILS = ["&", "<", "</X>", "<Y>", "\x01", "&unknown;", "<?", "<!--", "<V>"]


@given(
    count=st.integers(1, 6),
    spoil=st.dictionaries(st.integers(1, 6), st.sampled_from(SPOILS), min_size=1, max_size=3),
)
def test_one_bad_record_costs_one_record(path: Path, count: int, spoil: dict[int, str]) -> None:
    """The others are read with the numbers they have in the file."""
    path.write_text(document(count, spoil), "utf-8")
    spoiled = {number for number in spoil if number <= count}

    chunk = read(path, "D", "N")

    values = dict(chunk.frame.select(raw.LINE, "N").iter_rows())
    assert values | dict.fromkeys(spoiled) == {
        number: None if number in spoiled else str(number) for number in range(1, count + 1)
    }
    assert [one.line for one in chunk.broken] == sorted(spoiled)
    assert {finding.rule for finding in chunk.findings} <= {Rule.XML_BROKEN}
    assert bool(chunk.findings) == bool(spoiled)


@given(count=st.integers(1, 5), where=st.integers(1, 5), spoil=st.sampled_from(SPOILS))
def test_a_bad_part_costs_the_part(path: Path, count: int, where: int, spoil: str) -> None:
    """The other goods of the same declaration are kept, and know their declaration."""
    path.write_text(document(count, {where: spoil}), "utf-8")

    chunk = read(path, "D/G", "../N", "V")

    values = {value for _, _, value in rows(chunk)}
    expected = {f"{number}{part}" for number in range(1, count + 1) for part in "ab"}
    assert values == expected - {f"{where}a"}
    assert all(str(value).startswith(str(parent)) for _, parent, value in rows(chunk))


@given(count=st.integers(1, 5), data=st.data())
def test_a_truncated_file_keeps_what_is_whole(path: Path, count: int, data: st.DataObject) -> None:
    """Cut anywhere behind the first record, every record before the cut is read."""
    whole = document(count, {})
    first = whole.index("</D>") + len("</D>")
    cut = data.draw(st.integers(first, len(whole) - 1), label="cut")
    path.write_text(whole[:cut], "utf-8")

    chunk = read(path, "D", "N")

    complete = whole[:cut].count("</D>")
    started = whole[:cut].count("<D>")
    assert rows(chunk) == [(number, str(number)) for number in range(1, complete + 1)]
    assert [one.line for one in chunk.broken] == list(range(complete + 1, started + 1))
    assert [finding.rule for finding in chunk.findings] == [Rule.XML_BROKEN] * len(chunk.findings)
    assert chunk.findings


@given(noise=st.binary(max_size=60), before=st.booleans())
def test_noise_is_never_an_error(path: Path, noise: bytes, before: bool) -> None:  # noqa: FBT001
    """Whatever bytes come, the reader answers with records, broken rows or a refusal."""
    whole = document(2, {}).encode()
    path.write_bytes(noise + whole if before else whole[:20] + noise + whole[20:])
    try:
        chunk = read(path, "D", "N")
    except UnreadableError:
        return
    assert len(chunk.frame) + len(chunk.broken) > 0


def broken(chunk: Chunk) -> Broken:
    """Return the only broken row."""
    (one,) = chunk.broken
    return one


def test_a_broken_record_can_be_seen(path: Path) -> None:
    """The quarantine shows what it was."""
    path.write_text("<R><D><N>1</N></D><D><N>R&D</N></D><D><N>3</N></D></R>", "utf-8")
    chunk = read(path, "D", "N")
    assert rows(chunk) == [(1, "1"), (3, "3")]
    assert broken(chunk).raw == {"xml": "<D><N>R&D</N></D>"}
    assert broken(chunk).rule is Rule.ROW_BROKEN


def test_noise_between_records_costs_no_record_before_it(path: Path) -> None:
    """A break outside of any record cannot be cut out: what stands behind it is kept raw."""
    path.write_text("<R><D><N>1</N></D>&<D><N>2</N></D><D><N>3</N></D></R>", "utf-8")
    chunk = read(path, "D", "N")
    assert rows(chunk) == [(1, "1")]
    assert [one.raw["xml"] for one in chunk.broken] == ["<D><N>2</N></D>", "<D><N>3</N></D></R>"]


def test_too_many_breaks_are_noise(path: Path) -> None:
    """After BREAKS_MAX of them the rest is kept raw; the reader does not read for hours."""
    count = xml_file.BREAKS_MAX + 20
    path.write_text(document(count, dict.fromkeys(range(1, count + 1), "&")), "utf-8")
    chunk = read(path, "D", "N")
    assert not len(chunk.frame)
    assert sorted(one.line for one in chunk.broken) == list(range(1, count + 1))
    assert len(chunk.findings) == xml_file.BREAKS_MAX


BOMB = """<?xml version="1.0"?><!DOCTYPE R [
<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
]><R><D><N>&c;</N></D></R>"""
OUTSIDE = """<!DOCTYPE R [<!ENTITY x SYSTEM "file:///etc/passwd">]><R><D><N>&x;</N></D></R>"""


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, BOMB.replace("<!ENTITY a", "<!ENTITY % a")])
def test_entities_are_refused(path: Path, text: str) -> None:
    """Neither a bomb nor a look at our own files is opened."""
    path.write_text(text, "utf-8")
    with pytest.raises(UnreadableError) as refused:
        read(path, "D", "N")
    assert refused.value.finding.rule is Rule.XML_ENTITIES


def test_entities_in_another_encoding_are_refused(path: Path) -> None:
    """UTF-16 hides the word from a search of bytes, not from one of characters."""
    path.write_text(BOMB.replace("1.0", '1.0" encoding="utf-16'), "utf-16")
    with pytest.raises(UnreadableError) as refused:
        read(path, "D", "N", found=encoding.Found(name="utf-16"))
    assert refused.value.finding.rule is Rule.XML_ENTITIES


@pytest.mark.parametrize("text", ["", "<R/>", "<R><E/></R>", "no xml at all"])
def test_a_file_without_records_is_refused(path: Path, text: str) -> None:
    """The record path says what was looked for."""
    path.write_text(text, "utf-8")
    with pytest.raises(UnreadableError) as refused:
        read(path, "D", "N")
    assert refused.value.finding.rule is Rule.RECORDS_MISSING


def test_a_file_that_is_too_large_is_refused(path: Path) -> None:
    """It is held in memory, so it has a limit."""
    path.write_text("<R><D><N>1</N></D></R>", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml_file, "XML_BYTES_MAX", 10)
        with pytest.raises(UnreadableError) as refused:
            read(path, "D", "N")
    assert refused.value.finding.rule is Rule.FILE_TOO_LARGE


def test_deep_nesting_is_a_broken_record(path: Path) -> None:
    """A million brackets are no reason to fall over."""
    deep = "<X>" * 100_000
    path.write_text(f"<R><D><N>1</N></D><D>{deep}</D><D><N>3</N></D></R>", "utf-8")
    chunk = read(path, "D", "N")
    assert (1, "1") in rows(chunk)
    assert chunk.findings


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'<?xml version="1.0" encoding="GB18030"?>', "GB18030"),
        (b"<?xml version='1.0' encoding='utf-8'?>", "utf-8"),
        (b"<R/>", None),
    ],
)
def test_the_announced_encoding(head: bytes, name: str | None) -> None:
    """The first line of the file may say it."""
    assert xml_file.declared(head) == name
