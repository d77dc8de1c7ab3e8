"""The documentation says what the code does, and what it tells a reader to do works.

Goal: no reason, limit, setting or option without its line, no dead link, no command that is not
there. Method: the made pages are made again and compared, and their completeness is checked by
importing the packages, which shares no code with the tool that writes them; links, shell lines and
names in the other pages are tried one by one.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import pytest

import docs_tables
from tallyport import contracts, kernel, ledger
from tallyport.evidence.sources.vocabulary import KINDS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changelog.d/*.md")])


def name(path: Path) -> str:
    """Return the page's place in the project, for the name of a test."""
    return path.relative_to(ROOT).as_posix()


def core() -> Iterator[ModuleType]:
    """Import every module of the pure packages."""
    for package in (kernel, ledger, contracts):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(module.name)


@pytest.mark.parametrize("page", docs_tables.PAGES)
def test_a_made_page_is_as_new_as_the_code(page: str) -> None:
    """Run `make docs` when this fails."""
    assert (ROOT / "docs" / page).read_text("utf-8") == docs_tables.PAGES[page](), "run `make docs`"


def test_every_refusal_is_on_its_page() -> None:
    """Whatever a contract can answer, a client can look up."""
    page = (ROOT / "docs" / "REFUSALS.md").read_text("utf-8")
    enums = [vars(module)["Refusal"] for module in core() if "Refusal" in vars(module)]
    assert enums
    assert all(issubclass(enum, StrEnum) for enum in enums)
    assert not [reason for enum in enums for reason in enum if f"`{reason.value}`" not in page]


def test_every_limit_is_on_its_page() -> None:
    """Whatever is bounded says so where a user can read it."""
    page = (ROOT / "docs" / "LIMITS.md").read_text("utf-8")
    limits = [word for module in core() for word in vars(module) if word.endswith("_MAX")]
    assert limits
    assert not [limit for limit in limits if limit[0] != "_" and f"`{limit}`" not in page]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link within the project names a file that is there, and a heading that is in it."""
    dead: list[str] = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = page.parent / place if place else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert not dead


def anchors(page: Path) -> set[str]:
    """Return the names that the headings of `page` can be reached by."""
    headings = re.findall(r"^#+ +(.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


def shell_lines(text: str) -> Iterator[list[str]]:
    """Yield the words of every line in a fenced block that calls `tallyport` or `make`."""
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = line.strip().removeprefix("$ ").removeprefix(".venv/bin/")
            if re.match(r"(tallyport|make)\b", words):
                yield shlex.split(words, comments=True)


def is_known(program: str, *words: str) -> bool:
    """Return whether the Makefile has the targets, or `tallyport` the command and its options."""
    options = {word.partition("=")[0] for word in words if word.startswith("--")} - {"--help"}
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        called = {word for word in words if "=" not in word and not word.startswith("-")}
        return called <= set(targets)
    spoken = f"{' '.join(words)} "
    for command in docs_tables.commands():
        if spoken.startswith(f"{command.words} "):
            spellings = ", ".join(option.spelling for option in command.options).split(", ")
            return options <= set(spellings)
    return words in {("--help",), ("--version",)}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_in_the_text_exist(page: Path) -> None:
    """A reader who copies a line gets what the page promises, not a usage message."""
    lines = shell_lines(page.read_text("utf-8"))
    assert not [" ".join(words) for words in lines if not is_known(*words)]


@pytest.mark.parametrize("line", ["make tea", "tallyport teapot", "tallyport"])
def test_an_unknown_command_is_caught(line: str) -> None:
    """The check itself is tried."""
    assert [words for words in shell_lines(f"```sh\n{line}\n```") if not is_known(*words)]


def test_every_runtime_dependency_has_its_reason() -> None:
    """ADR 0005 has a line for each package that an installation brings along."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    page = (ROOT / "docs" / "adr" / "0005-dependencies.md").read_text("utf-8")
    wanted = [re.split(r"[<>=\[ ]", one)[0] for one in project["dependencies"]]
    assert not [package for package in wanted if f"| `{package}`" not in page]


def test_names_of_the_glossary_are_real() -> None:
    """A module or type that the glossary names is where it says."""
    page = (ROOT / "docs" / "GLOSSARY.md").read_text("utf-8")
    names = re.findall(r"`((?:[a-z_]+\.)+[A-Za-z_]+)`", page)
    assert names
    assert not [one for one in names if not exists(one)]


def test_every_kind_of_record_is_in_the_glossary() -> None:
    """Whoever writes a source profile finds each kind's meaning in both languages."""
    page = (ROOT / "docs" / "GLOSSARY.md").read_text("utf-8")
    assert not [kind for kind in KINDS if f"`{kind}`" not in page]


def exists(name: str) -> bool:
    """Return whether `name`, below tallyport, is a module, or a word that its module says."""
    place = ROOT.joinpath("src", "tallyport", *name.split("."))
    if place.is_dir() or place.with_suffix(".py").exists():
        return True
    home, word = place.parent, place.name
    for module in (home.with_suffix(".py"), home / "__init__.py"):
        if module.exists() and re.search(rf"\b{word}\b", module.read_text("utf-8")):
            return True
    return False
