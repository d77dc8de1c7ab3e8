"""Keys that never leave a module (硬件密码机): PKCS#11, named by a URI of RFC 7512.

    pkcs11:token=bank;object=tarim-bank?module-path=/usr/lib/softhsm/libsofthsm2.so

    Ed25519    mechanism CKM_EDDSA, PKCS#11 3.0
    SM2        mechanisms of the maker: the standard has none, so the module is told by number
               (TALLYPORT_PKCS11_SM2, for example 0x80000203), SM3 inside it, r and s behind each
               other; tried here as far as a module without SM2 refuses it

The PIN comes from `pin-source=file:/...` of the URI or from TALLYPORT_PKCS11_PIN; a URI with
`pin-value` is refused, since it would stand in lists of processes and in logs. What the module
signs is checked against the public key before anybody sees it: a module that errs is noticed here.

Needs the extra `hsm`: `pip install tallyport[hsm]`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tallyport.adapters.suites import verify
from tallyport.kernel.guard import FaultError
from tallyport.kernel.keys import Suite, is_public, key_id

SCHEME = "pkcs11:"
_IN_PATH = ("token", "object", "id", "serial")
_IN_QUERY = ("module-path", "pin-source")
_OCTETS, _SHORT = 4, 0x80
_ED25519 = bytes.fromhex("06032b6570")  # Object identifier 1.3.101.112, in DER.


class ModuleError(FaultError):
    """The module, or what the URI says of it, cannot be used. Never holds a PIN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uri:
    """What a URI says. Nothing in it is secret."""

    text: str
    token: str | None
    label: str | None
    id: bytes | None
    serial: bytes | None
    module: str
    pin_source: str | None

    @classmethod
    def parse(cls, text: str, environment: Mapping[str, str] = os.environ) -> Uri:
        """Read a URI; the module is the one it names, else TALLYPORT_PKCS11_MODULE.

        Raises:
            ModuleError: it is none, or names a PIN, or no key or module.
        """
        if not text.startswith(SCHEME):
            raise ModuleError("expected a URI of RFC 7512: pkcs11:token=...;object=...")
        path, _, query = text.removeprefix(SCHEME).partition("?")
        if "pin-value" in query:
            raise ModuleError(
                "the URI holds a PIN: everybody who sees it could sign; name a file with"
                " pin-source=file:/..., or set TALLYPORT_PKCS11_PIN"
            )
        said = _attributes(path, ";", _IN_PATH) | _attributes(query, "&", _IN_QUERY)
        module = said.get("module-path", b"").decode() or environment.get("TALLYPORT_PKCS11_MODULE")
        if not module:
            raise ModuleError(
                "expected ?module-path=/... in the URI, or TALLYPORT_PKCS11_MODULE: which library"
            )
        if "object" not in said and "id" not in said:
            raise ModuleError(f"{text}: expected object=... or id=...: which key")
        return cls(
            text=text,
            token=said["token"].decode() if "token" in said else None,
            label=said["object"].decode() if "object" in said else None,
            id=said.get("id"),
            serial=said.get("serial"),
            module=module,
            pin_source=said["pin-source"].decode() if "pin-source" in said else None,
        )

    def pin(self, environment: Mapping[str, str] = os.environ) -> str:
        """Return the PIN: of the file that the URI names, else TALLYPORT_PKCS11_PIN.

        Raises:
            ModuleError: there is none.
        """
        if self.pin_source is None:
            pin = environment.get("TALLYPORT_PKCS11_PIN", "")
            if not pin:
                raise ModuleError(
                    "TALLYPORT_PKCS11_PIN: expected the PIN of the token, or pin-source=file:/..."
                    " in the URI"
                )
            return pin
        path = Path(self.pin_source.removeprefix("file:").removeprefix("//"))
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ModuleError(f"{path}: expected a file with the PIN; it cannot be read") from error


class Signing:
    """A key in a module. Safe for several threads: the module works for one at a time."""

    def __init__(self, uri: Uri, suite: Suite, *, pin: str) -> None:
        self.suite = suite
        self._uri, self._lock = uri, threading.Lock()
        self._session, self._private, self.public = _opened(uri, suite, pin)
        self.key_id = key_id(suite, self.public)

    def sign(self, message: bytes) -> bytes:
        """Return a signature over `message`; it fits the public key.

        Raises:
            ModuleError: the module does not sign, or signs something else.
        """
        pkcs11 = _package()
        try:
            with self._lock:
                signature = bytes(self._private.sign(message, mechanism=_mechanism(self.suite)))
        except pkcs11.exceptions.PKCS11Error as error:
            raise ModuleError(
                f"{self._uri.text}: the module does not sign ({_name(error)}); is the token there,"
                f" does it know {self.suite.value}?"
            ) from error
        if not verify(self.suite, self.public, message, signature):
            raise ModuleError(
                f"{self._uri.text}: the module's signature does not fit its public key; is its"
                f" mechanism {self.suite.value}, with its digest?"
            )
        return signature

    def close(self) -> None:
        """Let go of the module; without another key of the token in use it is locked again."""
        self._session.close()

    def __repr__(self) -> str:
        return f"Signing({self.key_id}, in a module)"


def open_key(
    text: str, suite: Suite = Suite.ED25519, environment: Mapping[str, str] = os.environ
) -> Signing:
    """Return the key that a URI names.

    Raises:
        ModuleError: the URI, the module, the token, the PIN or the key is not as needed.
    """
    uri = Uri.parse(text, environment)
    return Signing(uri, suite, pin=uri.pin(environment))


def generate(uri: Uri, *, pin: str) -> None:
    """Make an Ed25519 key in the module, named as the URI says; it cannot be taken out.

    Raises:
        ModuleError: the module cannot.
    """
    pkcs11 = _package()
    try:
        with _token(uri).open(user_pin=pin, rw=True) as session:
            curve = _ED25519
            session.create_domain_parameters(
                pkcs11.KeyType.EC_EDWARDS, {pkcs11.Attribute.EC_PARAMS: curve}, local=True
            ).generate_keypair(
                id=uri.id,
                label=uri.label,
                store=True,
                mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                capabilities=pkcs11.MechanismFlag.SIGN | pkcs11.MechanismFlag.VERIFY,
            )
    except pkcs11.exceptions.PKCS11Error as error:
        raise ModuleError(f"{uri.text}: no key can be made ({_name(error)})") from error


def _opened(uri: Uri, suite: Suite, pin: str) -> tuple[Any, Any, bytes]:
    """Return a session, the private key's handle and the public key."""
    pkcs11 = _package()
    wanted = {
        name: value for name, value in (("label", uri.label), ("id", uri.id)) if value is not None
    }
    kind = pkcs11.KeyType.EC_EDWARDS if suite is Suite.ED25519 else pkcs11.KeyType.EC
    session = None
    try:
        session = _session(uri, pin)
        private = session.get_key(
            object_class=pkcs11.ObjectClass.PRIVATE_KEY, key_type=kind, **wanted
        )
        public = session.get_key(
            object_class=pkcs11.ObjectClass.PUBLIC_KEY, key_type=kind, **wanted
        )
        point = _raw(bytes(public[pkcs11.Attribute.EC_POINT]))
    except pkcs11.exceptions.PKCS11Error as error:
        if session is not None:
            session.close()
        raise ModuleError(
            f"{uri.text}: no such key to sign with ({_name(error)}); expected a private and a"
            f" public key for {suite.value} on that token, and its PIN"
        ) from error
    if not is_public(suite, point):
        session.close()
        raise ModuleError(f"{uri.text}: expected a public key for {suite.value}")
    return session, private, point


def _session(uri: Uri, pin: str) -> Any:  # noqa: ANN401 - The package's own class.
    pkcs11, token = _package(), _token(uri)
    try:
        return token.open(user_pin=pin)
    except pkcs11.exceptions.UserAlreadyLoggedIn:  # Another key of this token: once a process.
        return token.open()


def _token(uri: Uri) -> Any:  # noqa: ANN401 - The package's own class.
    pkcs11 = _package()
    wanted = {"token_label": uri.token, "token_serial": uri.serial}
    try:
        library = pkcs11.lib(uri.module)
        return library.get_token(**{name: value for name, value in wanted.items() if value})
    except (pkcs11.exceptions.PKCS11Error, RuntimeError) as error:
        raise ModuleError(
            f"{uri.text}: no such token ({_name(error)}); module {uri.module}"
        ) from error


def _package() -> Any:  # noqa: ANN401 - A module.
    try:
        import pkcs11  # noqa: PLC0415 - An extra.
    except ImportError:
        raise ModuleError(
            "keys in a module need the extra `hsm`: pip install 'tallyport[hsm]'"
        ) from None
    return pkcs11


def _mechanism(suite: Suite) -> Any:  # noqa: ANN401 - An enum, or a maker's number.
    pkcs11 = _package()
    if suite is Suite.ED25519:
        return pkcs11.Mechanism.EDDSA
    number = os.environ.get("TALLYPORT_PKCS11_SM2", "")
    try:
        return int(number, 0)
    except ValueError:
        raise ModuleError(
            "TALLYPORT_PKCS11_SM2: expected the number of the module's SM2-with-SM3 mechanism,"
            " for example 0x80000203; the standard has none"
        ) from None


def _raw(point: bytes) -> bytes:
    """Return a public key without the OCTET STRING that most modules wrap it in."""
    is_wrapped = len(point) > 2 and point[0] == _OCTETS and point[1] == len(point) - 2 < _SHORT  # noqa: PLR2004
    return point[2:] if is_wrapped else point


def _attributes(text: str, between: str, known: tuple[str, ...]) -> dict[str, bytes]:
    said = dict[str, bytes]()
    for part in filter(None, text.split(between)):
        name, _, value = part.partition("=")
        if name in said:
            raise ModuleError(f"the URI says {name} twice; expected it once")
        if name in known:
            said[name] = _percent(value)
    return said


def _percent(text: str) -> bytes:
    return unquote(text, encoding="latin-1").encode("latin-1") if text.isascii() else text.encode()


def _name(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()
