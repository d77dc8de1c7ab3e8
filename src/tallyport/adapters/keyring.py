"""A node's keys by name (钥匙环): in the key store, or in a module that the store only points to.

    keys/tarim-bank.key       the secret, locked with the passphrase            see `keystore`
    keys/tarim-bank.pkcs11    which key of which module; nothing in it is secret    see `pkcs11`

A pointer pins the key id: whoever turns it to another key of the module is told so.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import quote, unquote

from tallyport.adapters import pkcs11
from tallyport.adapters.keystore import KeyStore, KeyStoreError, NoKeyError
from tallyport.adapters.suites import Signing
from tallyport.kernel.keys import Suite

FORMAT = "tallyport-key-pointer/1"
_SUFFIX = ".pkcs11"


class Keyring:
    """The keys in one folder, wherever their secrets are."""

    def __init__(self, folder: Path, store: KeyStore) -> None:
        self._folder, self._store = folder, store

    def names(self) -> list[str]:
        """Return the names of all keys."""
        pointers = (unquote(path.stem) for path in self._folder.glob(f"*{_SUFFIX}"))
        return sorted({*self._store.names(), *pointers})

    def get(self, name: str) -> Signing:
        """Return the key called `name`.

        Raises:
            NoKeyError: there is none.
            KeyStoreError: it cannot be had from the store.
            ModuleError: it cannot be had from its module.
        """
        path = self._pointer(name)
        if not path.exists():
            return self._secret(name)
        uri, suite, key_id = self._read(path)
        signing = pkcs11.open_key(uri, suite)
        if signing.key_id != key_id:
            raise KeyStoreError(f"{path}: expected {key_id}, got {signing.key_id} from the module")
        return signing

    def make(self, name: str, suite: Suite, uri: str = "") -> Signing:
        """Make a key in the store, or take the one in a module that `uri` names.

        Raises:
            KeyStoreError: the name is taken, or it cannot be written.
            ModuleError: the module has no such key.
        """
        if name in self.names():
            raise KeyStoreError(
                f"there is a key {name!r} in {self._folder} already; a key is never overwritten"
            )
        if not uri:
            return self._store.create(name, suite)
        signing = pkcs11.open_key(uri, suite)
        self._point(name, {"uri": uri, "suite": suite.value, "key_id": signing.key_id})
        return signing

    def move(self, name: str, to: str) -> None:
        """Give a key another name; killed meanwhile it has both, and doing it again ends it."""
        path = self._pointer(name)
        if path.exists():
            uri, suite, key_id = self._read(path)
            self._point(to, {"uri": uri, "suite": suite.value, "key_id": key_id})
            path.unlink()
        else:
            self._store.keep(to, self._store.secret(name))
            self._store.forget(name)

    def forget(self, name: str) -> None:
        """Let go of a key; one in a module stays there."""
        self._pointer(name).unlink(missing_ok=True)
        self._store.forget(name)

    def _secret(self, name: str) -> Signing:
        try:
            return self._store.secret(name)
        except NoKeyError:
            known = ", ".join(self.names()) or "none"
            raise NoKeyError(f"no key {name!r} in {self._folder}; known: {known}") from None

    def _pointer(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe='')}{_SUFFIX}"

    def _point(self, name: str, fields: dict[str, str]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path, draft = self._pointer(name), self._folder / f".new-{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({"format": FORMAT} | fields, sort_keys=True, indent=1) + "\n")
        draft.replace(path)

    @staticmethod
    def _read(path: Path) -> tuple[str, Suite, str]:
        try:
            fields = json.loads(path.read_text("utf-8"))
            if fields.keys() == {"format", "uri", "suite", "key_id"} and fields["format"] == FORMAT:
                return str(fields["uri"]), Suite(fields["suite"]), str(fields["key_id"])
        except (OSError, ValueError, AttributeError) as error:
            raise KeyStoreError(f"{path} cannot be read ({error}); expected a {FORMAT}") from None
        raise KeyStoreError(f"{path} is damaged; expected a {FORMAT}; make it again")
