"""What Tongsuo (铜锁) can and its Python package only passes on: SM3, SM4, SM2 encryption.

    sm3           GB/T 32905      digest of 32 bytes
    sm4           GB/T 32907      block, CBC; GCM and CCM (RFC 8998), any nonce and tag they allow
    sm2           GB/T 32918.4    encryption to a public key: ASN.1 of x, y, C3 (digest), C2

The package refuses some sizes that the standards allow and has no call for SM2 encryption; the
engine is asked directly there. Signatures are in `sm2`.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Any

from tongsuopy.backends import _tongsuo  # type: ignore[import-untyped]
from tongsuopy.crypto import hashes  # type: ignore[import-untyped]
from tongsuopy.crypto.ciphers import Cipher, algorithms, modes  # type: ignore[import-untyped]

from tallyport.adapters import sm2

BLOCK_BYTES = 16
_ffi: Any = _tongsuo.ffi
_lib: Any = _tongsuo.lib
_ENCRYPT, _DECRYPT = 1, 0
_CHUNK_BLOCKS = 4_096


@unique
class Aead(StrEnum):
    """Modes that encrypt and authenticate."""

    GCM = "sm4-gcm"
    CCM = "sm4-ccm"


class CipherError(ValueError):
    """It does not open, or its parameters are none of the mode."""


def sm3(data: bytes) -> bytes:
    """Return the digest of `data`."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return bytes(digest.finalize())


def encrypt_block(key: bytes, block: bytes, repeat: int = 1) -> bytes:
    """Return `block` encrypted `repeat` times over.

    Chaining the block with blocks of zeros does just that: what is added to the last result is
    nothing. A million times take a fraction of a second.
    """
    if len(block) != BLOCK_BYTES or repeat < 1:
        raise CipherError(f"expected {BLOCK_BYTES} bytes, once at least")
    encryptor = Cipher(algorithms.SM4(key), modes.CBC(bytes(BLOCK_BYTES))).encryptor()
    last: bytes = encryptor.update(block)
    for done in range(1, repeat, _CHUNK_BLOCKS):
        size = min(_CHUNK_BLOCKS, repeat - done)
        last = encryptor.update(bytes(size * BLOCK_BYTES))[-BLOCK_BYTES:]
    return last


def encrypt_cbc(key: bytes, iv: bytes, plain: bytes) -> bytes:
    """Return `plain`, padded as PKCS#7 says, encrypted."""
    filler = BLOCK_BYTES - len(plain) % BLOCK_BYTES
    encryptor = Cipher(algorithms.SM4(key), modes.CBC(iv)).encryptor()
    return bytes(encryptor.update(plain + bytes((filler,)) * filler) + encryptor.finalize())


def decrypt_cbc(key: bytes, iv: bytes, sealed: bytes) -> bytes:
    """Return what was encrypted, without its padding.

    Raises:
        CipherError: no whole blocks, or the padding is none.
    """
    if not sealed or len(sealed) % BLOCK_BYTES:
        raise CipherError(f"expected whole blocks of {BLOCK_BYTES} bytes, got {len(sealed)} bytes")
    decryptor = Cipher(algorithms.SM4(key), modes.CBC(iv)).decryptor()
    padded: bytes = decryptor.update(sealed) + decryptor.finalize()
    filler = padded[-1]
    if not 1 <= filler <= BLOCK_BYTES or padded[-filler:] != bytes((filler,)) * filler:
        raise CipherError("expected PKCS#7 padding")
    return padded[:-filler]


def seal(mode: Aead, key: bytes, nonce: bytes, plain: bytes, about: bytes, tag_bytes: int) -> bytes:
    """Return ciphertext and tag.

    Raises:
        CipherError: a size that the mode does not know.
    """
    context = _aead(mode, key, nonce, None if mode is Aead.GCM else tag_bytes, _ENCRYPT)
    sealed = _run(context, mode, plain, about)
    tag = _ffi.new("unsigned char[]", tag_bytes)
    _done(_lib.EVP_CIPHER_CTX_ctrl(context, _lib.EVP_CTRL_AEAD_GET_TAG, tag_bytes, tag))
    return sealed + bytes(_ffi.buffer(tag))


def unseal(
    mode: Aead, key: bytes, nonce: bytes, sealed: bytes, about: bytes, tag_bytes: int
) -> bytes:
    """Return what was sealed.

    Raises:
        CipherError: it was changed, or a size that the mode does not know.
    """
    if len(sealed) < tag_bytes:
        raise CipherError(f"expected a tag of {tag_bytes} bytes, got {len(sealed)} bytes in all")
    body, tag = sealed[: len(sealed) - tag_bytes], sealed[len(sealed) - tag_bytes :]
    return _run(_aead(mode, key, nonce, tag, _DECRYPT), mode, body, about)


def sm2_encrypt(public: bytes, plain: bytes) -> bytes:
    """Return `plain` encrypted to a public key; each time other bytes.

    Raises:
        ValueError: not a public key, or nothing to encrypt.
    """
    handle = sm2.read_public(public)._evp_pkey  # noqa: SLF001 - The engine's own key.
    return _sm2(_lib.EVP_PKEY_encrypt_init, _lib.EVP_PKEY_encrypt, handle, plain)


def sm2_decrypt(secret: sm2.Signing, sealed: bytes) -> bytes:
    """Return what was encrypted to the public key of `secret`.

    Raises:
        CipherError: it was changed, or is for somebody else.
    """
    handle = secret.engine._evp_pkey  # noqa: SLF001 - The engine's own key.
    return _sm2(_lib.EVP_PKEY_decrypt_init, _lib.EVP_PKEY_decrypt, handle, sealed)


def sm2_fits_digest(public: bytes, digest: bytes, signature: bytes) -> bool:
    """Return whether `signature`, r and s, is over this digest: for identities other than ours."""
    try:
        handle = sm2.read_public(public)._evp_pkey  # noqa: SLF001 - The engine's own key.
    except ValueError:
        return False
    context = _ffi.gc(_lib.EVP_PKEY_CTX_new(handle, _ffi.NULL), _lib.EVP_PKEY_CTX_free)
    der = sm2.der_of(signature)
    if der is None or _lib.EVP_PKEY_verify_init(context) != 1:
        return False
    fits: bool = _lib.EVP_PKEY_verify(context, der, len(der), digest, len(digest)) == 1
    _lib.ERR_clear_error()
    return fits


def _sm2(begin: Any, run: Any, handle: Any, data: bytes) -> bytes:  # noqa: ANN401 - C functions.
    context = _ffi.gc(_lib.EVP_PKEY_CTX_new(handle, _ffi.NULL), _lib.EVP_PKEY_CTX_free)
    _done(begin(context))
    size = _ffi.new("size_t *")
    _done(run(context, _ffi.NULL, size, data, len(data)))
    out = _ffi.new("unsigned char[]", size[0])
    _done(run(context, out, size, data, len(data)))
    return bytes(_ffi.buffer(out, size[0]))


def _aead(mode: Aead, key: bytes, nonce: bytes, tag: bytes | int | None, direction: int) -> Any:  # noqa: ANN401 - A C pointer.
    if len(key) != BLOCK_BYTES:
        raise CipherError(f"expected a key of {BLOCK_BYTES} bytes, got {len(key)}")
    cipher = _lib.EVP_get_cipherbyname(mode.value.encode())
    context = _ffi.gc(_lib.EVP_CIPHER_CTX_new(), _lib.EVP_CIPHER_CTX_free)
    nothing = _ffi.NULL
    _done(_lib.EVP_CipherInit_ex(context, cipher, nothing, nothing, nothing, direction))
    _done(_lib.EVP_CIPHER_CTX_ctrl(context, _lib.EVP_CTRL_AEAD_SET_IVLEN, len(nonce), nothing))
    if tag is not None:  # CCM wants the size of the tag before anything else.
        size, given = (tag, nothing) if isinstance(tag, int) else (len(tag), tag)
        _done(_lib.EVP_CIPHER_CTX_ctrl(context, _lib.EVP_CTRL_AEAD_SET_TAG, size, given))
    _done(_lib.EVP_CipherInit_ex(context, nothing, nothing, key, nonce, direction))
    return context


def _run(context: Any, mode: Aead, data: bytes, about: bytes) -> bytes:  # noqa: ANN401
    size, nothing = _ffi.new("int *"), _ffi.NULL
    if mode is Aead.CCM:  # The first block says how long it all is.
        _done(_lib.EVP_CipherUpdate(context, nothing, size, nothing, len(data)))
    if about:
        _done(_lib.EVP_CipherUpdate(context, nothing, size, about, len(about)))
    out = _ffi.new("unsigned char[]", len(data) + BLOCK_BYTES)
    if data or mode is Aead.CCM:
        _done(_lib.EVP_CipherUpdate(context, out, size, data, len(data)))
    if mode is Aead.GCM:  # CCM has compared the tag already.
        _done(_lib.EVP_CipherFinal_ex(context, out + len(data), size))
    return bytes(_ffi.buffer(out, len(data)))


def _done(result: int) -> None:
    if result != 1:
        _lib.ERR_clear_error()
        raise CipherError("it does not open, or a size is none of this mode")
