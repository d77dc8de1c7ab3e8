"""The file that says which chaincode: read whole, or turned down with what is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from support.fabric_gateway import papers
from tallyport.adapters.anchors.fabric.anchor import FabricAnchor
from tallyport.adapters.anchors.port import AnchorError
from tallyport.app.anchoring import anchor_of

TOLD = {
    "address": "127.0.0.1:7051",
    "member": "CustomsMSP",
    "certificate": "ali.pem",
    "key": "ali-key.pem",
    "channel": "anchors",
    "chaincode": "checkpoints",
    "log": "tallyport/main",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file beside the papers that it names."""
    papers(tmp_path, "ali")
    made = tmp_path / "anchor.json"
    made.write_text(json.dumps(TOLD), "utf-8")
    return made


def test_a_setting_names_the_file(path: Path) -> None:
    """Nothing is asked before somebody anchors."""
    anchor = anchor_of(f"fabric:{path}")
    assert isinstance(anchor, FabricAnchor)
    assert anchor.name == f"fabric:{path}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "expected JSON"),
        ("[]", "expected an object"),
        ("{}", "missing \\['address', "),
        (json.dumps(TOLD | {"kay": "x"}), "not known \\['kay'\\]"),
        (json.dumps(TOLD | {"log": ""}), "expected texts"),
        (json.dumps(TOLD | {"log": 1}), "expected texts"),
        (json.dumps(TOLD | {"tls_root": "none.pem"}), "none.pem: cannot read"),
        (json.dumps(TOLD | {"key": "none.pem"}), "none.pem: cannot read"),
    ],
)
def test_a_file_that_is_wrong(path: Path, text: str, words: str) -> None:
    """Each with what was expected."""
    path.write_text(text, "utf-8")
    with pytest.raises(AnchorError, match=words):
        FabricAnchor.read(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Says so."""
    with pytest.raises(AnchorError, match=r"none.json: cannot read"):
        FabricAnchor.read(tmp_path / "none.json")


@pytest.mark.parametrize("package", ["grpc", "cryptography"])
def test_without_the_extra(path: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """The message says what to install; nothing else needs it."""
    for name in list(sys.modules):
        if name.startswith("tallyport.adapters.anchors.fabric."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("tallyport.adapters.anchors.fabric.gateway", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(AnchorError, match=r"needs the package .*tallyport\[fabric\]"):
        FabricAnchor.read(path)
