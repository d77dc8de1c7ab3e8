"""The encoding of a file is found by its bytes and its header, not by what was announced.

Goal: no text is ever read as another's letters. Method: tables with Chinese or Russian headers are
written in every encoding while another is announced first.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import encoding

CHINESE = "合同号,签订日期,卖方\nXJYO-1,2024,新疆\n"
RUSSIAN = "НомерАкта;ДатаПриемки;Склад\nALA-П-1;01.02.2024;норма\n"
ALL = ("utf-8", "gb18030", "windows-1251", "koi8-r", "utf-16")


def find(path: Path, text: str, candidates: tuple[str, ...]) -> encoding.Found:
    """Return what is found when the first line of `text` is what the profile looks for."""
    return encoding.find(
        path, candidates, lambda head: head.splitlines()[0] == text.splitlines()[0]
    )


@pytest.mark.parametrize("announced", ALL)
@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((CHINESE, name) for name in ("utf-8", "utf-8-sig", "gb18030", "utf-16")),
        *((RUSSIAN, name) for name in ("utf-8", "utf-8-sig", "windows-1251", "koi8-r", "utf-16")),
    ],
)
def test_it_is_found_whatever_was_announced(
    tmp_path: Path, announced: str, text: str, name: str
) -> None:
    """All of them decode all of it, so only the header can tell windows-1251 from GB18030."""
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(name))
    found = find(path, text, (announced, *ALL))
    assert found.is_exact
    assert path.read_bytes().decode(found.name) == text
    assert encoding.same(found.name, name)


@given(text=st.text(alphabet="abc,\n0123456789", max_size=40), announced=st.sampled_from(ALL))
def test_plain_text_is_of_every_encoding(
    tmp_path_factory: pytest.TempPathFactory, text: str, announced: str
) -> None:
    """ASCII needs no finding: the announced encoding reads it, if it can."""
    path = tmp_path_factory.getbasetemp() / "ascii.csv"
    path.write_text(text, "ascii")
    found = encoding.find(path, (announced,), lambda _: False)
    assert found == encoding.Found(name="utf-8" if announced == "utf-16" else announced)


def test_a_byte_that_fits_nowhere_is_told(tmp_path: Path) -> None:
    """One wrong byte does not make the rest of the file unreadable."""
    path = tmp_path / "file.csv"
    path.write_bytes(CHINESE.encode() + b"\xff\n")
    found = find(path, CHINESE, ("utf-8", "ascii"))
    assert found == encoding.Found(name="utf-8", is_exact=False)
    text = path.read_bytes().decode("utf-8", encoding.MARK)
    assert text == CHINESE + "\N{REPLACEMENT CHARACTER}\\xff\n"


def test_a_character_across_two_blocks_is_one(tmp_path: Path) -> None:
    """Files are looked through in blocks."""
    path = tmp_path / "file.csv"
    path.write_bytes(b"x" * (encoding.BLOCK_BYTES - 1) + "新\n".encode())
    assert encoding.find(path, ("gb18030",), bool).name == "utf-8"


@pytest.mark.parametrize(
    "name", ["klingon", "zip", "bz2", "base64", "hex", "a\0b", "undefined", ""]
)
def test_a_name_that_is_no_text_encoding(tmp_path: Path, name: str) -> None:
    """A file may announce anything; a decoder that unpacks archives is not among the choices."""
    path = tmp_path / "file.csv"
    path.write_bytes(CHINESE.encode("gb18030"))
    assert not encoding.is_known(name)
    assert find(path, CHINESE, (name, "gb18030")).name == "gb18030"
    assert encoding.find(path, (name,), bool) == encoding.Found(name="utf-8", is_exact=False)


def test_names_of_one_encoding_are_the_same() -> None:
    """GBK is a part of GB18030; a mark at the beginning changes nothing."""
    assert encoding.same("UTF8", "utf-8-sig")
    assert encoding.same("gbk", "GB18030")
    assert not encoding.same("gb18030", "windows-1251")


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    """SHA-256 of nothing, as everybody knows it."""
    path = tmp_path / "empty"
    path.touch()
    known = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert encoding.digest(path) == (known, 0)


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_text_without_a_mark_is_read(tmp_path: Path, name: str) -> None:
    """A profile says `utf-16`; the file has no mark, so its header tells which byte is first."""
    path = tmp_path / "file.csv"
    path.write_bytes(CHINESE.encode(name))
    found = find(path, CHINESE, (name[:6],))
    assert found == encoding.Found(name=name)
    with path.open(encoding=found.name, errors=encoding.MARK) as file:
        assert file.read() == CHINESE
