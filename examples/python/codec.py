"""Encryption of payloads, in the format of docs/other-languages.md.

TRUEDY_ENCRYPTION_KEYS holds the same list as for the Truedy workers: `id:base64 of 32 bytes`,
comma separated. The first key encrypts; all of them decrypt.
"""

import base64
import dataclasses
import os
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)
from temporalio.exceptions import ApplicationError

ENCODING = b"binary/encrypted"
CIPHER = b"AES-GCM"
NONCE_BYTES = 12
TAG_BYTES = 16
ENTRY = re.compile(r"([\w.-]{1,64}):([A-Za-z0-9+/]{43}=)", re.ASCII)


class EncryptionCodec(PayloadCodec):
    """AES-256-GCM: 12 bytes of nonce, the ciphertext of the serialized payload, 16 bytes of tag."""

    def __init__(self, keys: str) -> None:
        """Raises ValueError if the list of keys is malformed."""
        self._keys = parse_keys(keys)
        self._key_id = next(iter(self._keys))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self._key_id].encrypt(nonce, payload.SerializeToString(), None)
        return Payload(
            metadata={
                "encoding": ENCODING,
                "encryption-cipher": CIPHER,
                "encryption-key-id": self._key_id.encode(),
            },
            data=nonce + sealed,
        )

    def _decrypt(self, payload: Payload) -> Payload:
        is_encrypted = payload.metadata.get("encoding") == ENCODING
        if not is_encrypted or len(payload.data) < NONCE_BYTES + TAG_BYTES:
            return payload  # No key could decrypt a shorter one.
        key_id = payload.metadata.get("encryption-key-id", b"").decode()
        key = self._keys.get(key_id)
        if key is None:
            raise unknown_key(key_id, "the key is not in TRUEDY_ENCRYPTION_KEYS")
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(key.decrypt(nonce, sealed, None))
        except InvalidTag:
            raise unknown_key(key_id, "the key has other bytes here") from None


def parse_keys(keys: str) -> dict[str, AESGCM]:
    """Keys by their ids. Raises ValueError that does not quote a key."""
    entries = [ENTRY.fullmatch(entry.strip()) for entry in keys.split(",")]
    if None in entries:
        raise ValueError("TRUEDY_ENCRYPTION_KEYS contains an entry other than id:base64 of 32 bytes")
    parsed = {entry[1]: AESGCM(base64.b64decode(entry[2])) for entry in entries if entry}
    if len(parsed) < len(entries):
        raise ValueError("TRUEDY_ENCRYPTION_KEYS contains a key id twice")
    return parsed


def unknown_key(key_id: str, why: str) -> ApplicationError:
    """The type names the key, because messages of failures are encrypted too."""
    message = f"A payload cannot be decrypted with key {key_id}: {why}"
    return ApplicationError(message, type=f"UnknownEncryptionKey:{key_id}")


def data_converter() -> DataConverter:
    """The SDK's own, or an encrypting one if TRUEDY_ENCRYPTION_KEYS is set."""
    keys = os.environ.get("TRUEDY_ENCRYPTION_KEYS")
    if not keys:
        return DataConverter.default
    return dataclasses.replace(
        DataConverter.default,
        payload_codec=EncryptionCodec(keys),
        # Messages and stack traces of failures are encrypted too, as those of the Truedy workers.
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
