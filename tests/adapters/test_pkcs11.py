"""Keys in a module: SoftHSM signs, the key stays there, and everything wrong is said in a sentence.

Goal: what the module signs passes on the ledger; no PIN is asked for in a URI or shown. Method: a
token of its own in a temporary folder for each run (marker `debian`); URIs need no module.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tallyport.adapters import pkcs11
from tallyport.adapters.pkcs11 import ModuleError, Uri, open_key
from tallyport.adapters.suites import verify
from tallyport.kernel.keys import Suite

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)
PIN = "4321-secret"
URI = "pkcs11:token=bank;object=tarim%2Dbank;id=%01%a0?module-path=/lib/x.so&pin-source=file:/pin"


def test_a_uri_is_read() -> None:
    """Its names, with what is spelled in hex."""
    uri = Uri.parse(URI, {})
    assert (uri.token, uri.label, uri.id) == ("bank", "tarim-bank", b"\x01\xa0")
    assert (uri.module, uri.pin_source) == ("/lib/x.so", "file:/pin")
    by_environment = Uri.parse("pkcs11:id=%01", {"TALLYPORT_PKCS11_MODULE": "/lib/y.so"})
    assert (by_environment.module, by_environment.token) == ("/lib/y.so", None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tarim-bank", "expected a URI of RFC 7512"),
        ("pkcs11:object=a?pin-value=1234&module-path=/x", "holds a PIN"),
        ("pkcs11:object=a", "which library"),
        ("pkcs11:token=a?module-path=/x", "which key"),
        ("pkcs11:object=a;object=b?module-path=/x", "twice"),
    ],
)
def test_a_bad_uri_is_refused(text: str, sentence: str) -> None:
    """It says what is missing, and repeats no PIN."""
    with pytest.raises(ModuleError, match=sentence) as raised:
        Uri.parse(text, {})
    assert "1234" not in str(raised.value)


def test_the_pin_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    """The file that the URI names is stronger."""
    path = tmp_path / "pin"
    path.write_text(f"{PIN}\n")
    base = "pkcs11:object=a?module-path=/x"
    assert Uri.parse(base, {}).pin({"TALLYPORT_PKCS11_PIN": PIN}) == PIN
    for source in (f"file:{path}", f"file://{path}", str(path)):
        uri = Uri.parse(f"{base}&pin-source={source}", {})
        assert uri.pin({"TALLYPORT_PKCS11_PIN": "another"}) == PIN
    with pytest.raises(ModuleError, match="TALLYPORT_PKCS11_PIN"):
        Uri.parse(base, {}).pin({})
    with pytest.raises(ModuleError, match="cannot be read"):
        Uri.parse(f"{base}&pin-source=file:{tmp_path}", {}).pin({})


def test_without_the_module_it_says_so() -> None:
    """A library that is not there."""
    with pytest.raises(ModuleError, match="no such token"):
        open_key(
            "pkcs11:object=a?module-path=/no/lib.so", Suite.ED25519, {"TALLYPORT_PKCS11_PIN": PIN}
        )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A token of its own; SoftHSM reads its configuration once a process."""
    found = [path for path in MODULES if Path(path).exists()]
    if not found:
        pytest.skip("SoftHSM is not installed; tools/install_debian.sh")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    words = ["--init-token", "--free", "--label", "bank", "--so-pin", "12345678", "--pin", PIN]
    subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
    uri = f"pkcs11:token=bank;object=tarim-bank;id=%07?module-path={found[0]}"
    pkcs11.generate(Uri.parse(uri), pin=PIN)
    return uri


ENVIRONMENT = {"TALLYPORT_PKCS11_PIN": PIN}


@pytest.fixture
def signing(base: str) -> Iterator[pkcs11.Signing]:
    """The key in the token."""
    opened = open_key(base, Suite.ED25519, ENVIRONMENT)
    yield opened
    opened.close()


@pytest.mark.debian
def test_the_module_signs(base: str, signing: pkcs11.Signing) -> None:
    """As RFC 8032 wants it: any verifier takes it. The key stays where it is."""
    for message in (b"", b"message", bytes(100_000)):
        assert verify(Suite.ED25519, signing.public, message, signing.sign(message))
    assert signing.sign(b"a") == signing.sign(b"a")
    again = open_key(base, Suite.ED25519, ENVIRONMENT)  # The token is open already.
    assert again.key_id == signing.key_id
    again.close()
    assert verify(Suite.ED25519, signing.public, b"b", signing.sign(b"b"))
    assert not hasattr(signing, "seed")
    assert PIN not in repr(signing)
    assert PIN not in repr(vars(signing))


@pytest.mark.debian
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("object=tarim-bank", "object=another"), "no such key"),
        (("token=bank", "token=another"), "no such token"),
        (("id=%07", "id=%08"), "no such key"),
    ],
)
def test_what_is_not_there_is_said(base: str, change: tuple[str, str], sentence: str) -> None:
    """Token, label, id."""
    with pytest.raises(ModuleError, match=sentence):
        open_key(base.replace(*change), Suite.ED25519, ENVIRONMENT)


@pytest.mark.debian
def test_a_wrong_pin_is_not_repeated(base: str) -> None:
    """Neither in the message nor in what caused it."""
    with pytest.raises(ModuleError, match="its PIN") as raised:
        open_key(base, Suite.ED25519, {"TALLYPORT_PKCS11_PIN": "9999-wrong"})
    assert "9999" not in f"{raised.value} {raised.value.__cause__!r}"


@pytest.mark.debian
def test_a_key_of_another_suite_is_not_there(base: str) -> None:
    """SoftHSM has no SM2."""
    with pytest.raises(ModuleError, match="for sm2"):
        open_key(base, Suite.SM2, ENVIRONMENT)


@pytest.mark.debian
def test_a_module_that_signs_something_else_is_noticed(signing: pkcs11.Signing) -> None:
    """Its signature is checked before anybody sees it."""
    signing.public = bytes(32)
    with pytest.raises(ModuleError, match="does not fit"):
        signing.sign(b"message")


@pytest.mark.debian
def test_a_mechanism_that_the_module_lacks(
    signing: pkcs11.Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SM2 needs the maker's number; without it, or with one that the module lacks, it says so."""
    signing.suite = Suite.SM2
    with pytest.raises(ModuleError, match="TALLYPORT_PKCS11_SM2"):
        signing.sign(b"message")
    monkeypatch.setenv("TALLYPORT_PKCS11_SM2", "0x80000203")
    with pytest.raises(ModuleError, match="does not sign"):
        signing.sign(b"message")
