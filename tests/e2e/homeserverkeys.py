# SPDX-License-Identifier: GPL-3.0-or-later
"""Clock, keys and request signatures of the stand-in homeserver, as a Python homeserver makes and checks them."""

import asyncio
import base64
import json
import re
import time
from dataclasses import dataclass

import nacl.exceptions
import nacl.signing

DAY_MS = 24 * 3600 * 1000


def canonical_json(value):
    """CPython's canonical JSON: what a Python homeserver signs, floats included."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode()


def unpadded_base64(data):
    return base64.b64encode(data).decode().rstrip("=")


def from_base64(text):
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def domain_of(identifier):
    """The server name in a user or room id."""
    return identifier.split(":", 1)[1]


class Clock:
    """Milliseconds since 1970. It runs with the real one at a distance, or stands still; a test moves it."""

    def __init__(self):
        self.offset, self.still = 0, None
        self._moved = asyncio.Event()

    def now(self):
        return self.still if self.still is not None else int(time.time() * 1000) + self.offset

    def set(self, now_ms, still):
        self.offset, self.still = now_ms - int(time.time() * 1000), now_ms if still else None
        self._moved.set()
        self._moved = asyncio.Event()

    async def reach(self, moment):
        """Returns when the clock shows `moment`, which is at once when a test moves it there."""
        while (left := moment - self.now()) > 0:
            try:
                await asyncio.wait_for(self._moved.wait(), None if self.still is not None else left / 1000)
            except asyncio.TimeoutError:
                pass


class SigningKey:
    """The server's own key and the document that publishes it."""

    def __init__(self, name, key_id, seed, clock, validity_ms=DAY_MS):
        self.name, self.key_id, self.clock, self.validity_ms = name, key_id, clock, validity_ms
        self.key = nacl.signing.SigningKey(seed)
        self.old_keys = {}
        self._document = None

    def signature(self, value):
        return unpadded_base64(self.key.sign(canonical_json(value)).signature)

    def authorization(self, method, uri, destination, content=None):
        signed = {"method": method, "uri": uri, "origin": self.name, "destination": destination}
        if content is not None:
            signed["content"] = content
        return (f'X-Matrix origin="{self.name}",key="{self.key_id}",sig="{self.signature(signed)}",'
                f'destination="{destination}"')

    def document(self):
        """Signed again when less than half of its validity remains: one that was fetched is good for 12 to 24 hours."""
        now = self.clock.now()
        if self._document is None or self._document["valid_until_ts"] - now < self.validity_ms // 2:
            document = {"old_verify_keys": self.old_keys, "server_name": self.name,
                        "valid_until_ts": now + self.validity_ms,
                        "verify_keys": {self.key_id: {"key": unpadded_base64(bytes(self.key.verify_key))}}}
            document["signatures"] = {self.name: {self.key_id: self.signature(document)}}
            self._document = document
        return self._document

    def rotate(self, key_id, seed):
        self.old_keys = {**self.old_keys, self.key_id: {"key": unpadded_base64(bytes(self.key.verify_key)),
                                                        "expired_ts": self.clock.now()}}
        self.key_id, self.key, self._document = key_id, nacl.signing.SigningKey(seed), None


def is_signed(value, signature, key):
    """Whether `signature` over `value` without what is never signed was made with `key` (base64)."""
    signed = {name: part for name, part in value.items() if name not in ("signatures", "unsigned")}
    try:
        nacl.signing.VerifyKey(from_base64(key)).verify(canonical_json(signed), from_base64(signature))
    except (nacl.exceptions.BadSignatureError, nacl.exceptions.CryptoError, ValueError):
        return False
    return True


class KeyRing:
    """Keys of other servers, each with the moment until which its document is valid.

    `ask` fetches a server's own document, `ask_notary` documents from a trusted notary; both return None or [] when
    nothing came. A notary's documents are taken for any server, asked about or not, and its own signature is not
    looked at: that is what a Synapse does whose trusted_key_servers have no verify_keys.
    """

    def __init__(self, store, ask, ask_notary, notaries):
        self.store, self.ask, self.ask_notary, self.notaries = store, ask, ask_notary, notaries

    def cached(self, server, key_id, valid_at):
        row = self.store.one("SELECT key, valid_until FROM keys WHERE server = ? AND key_id = ?", server, key_id)
        return row[0] if row and row[1] >= valid_at else None

    async def key(self, server, key_id, valid_at):
        """A key (base64) that is valid at that moment, or None."""
        if found := self.cached(server, key_id, valid_at):
            return found
        document = await self.ask(server)
        if document is not None and document.get("server_name") == server:
            self.add(document)
        for notary in self.notaries:
            if found := self.cached(server, key_id, valid_at):
                return found
            for document in await self.ask_notary(notary, server, key_id, valid_at):
                self.add(document)
        return self.cached(server, key_id, valid_at)

    def add(self, document):
        """Takes a document that one of its own keys signed, whether it is still valid or not. Returns whether."""
        try:
            server, keys = document["server_name"], document["verify_keys"]
            signatures = document["signatures"][server]
            if not any(is_signed(document, signature, keys[key_id]["key"])
                       for key_id, signature in signatures.items() if key_id in keys):
                return False
            rows = [(key_id, key["key"], document["valid_until_ts"]) for key_id, key in keys.items()]
            rows += [(key_id, key["key"], key["expired_ts"])
                     for key_id, key in document.get("old_verify_keys", {}).items()]
        except (KeyError, TypeError, AttributeError):
            return False
        for key_id, key, until in rows:
            self.store.run("INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?)", server, key_id, key, until)
        return True


@dataclass
class Refused(Exception):
    """An answer other than 200."""

    status: int
    errcode: str
    error: str

    def body(self):
        return {"errcode": self.errcode, "error": self.error}


def parse_authorization(header):
    """The members of an X-Matrix header."""
    try:
        scheme, parameters = re.split(" +", header, maxsplit=1)
        fields = dict(each.strip().split("=", 1) for each in parameters.split(","))
        fields = {name.lower(): value.strip('"') for name, value in fields.items()}
        return scheme, fields["origin"], fields["key"], fields["sig"], fields.get("destination")
    except (ValueError, KeyError) as error:
        raise Refused(400, "M_UNAUTHORIZED", "Malformed Authorization header") from error


async def authenticate(request, content, own_name, keys, now, whitelist):
    """The origin of a request with good signatures; raises Refused otherwise. `content` is None without a body."""
    signed = {"method": request.method, "uri": request.target, "destination": own_name}
    if content is not None:
        signed["content"] = content
    origin = None
    signatures = []
    for header in request.all("authorization"):
        if not header.startswith("X-Matrix"):
            continue
        _, origin, key_id, signature, destination = parse_authorization(header)
        if destination is not None and destination != own_name:
            raise Refused(401, "M_UNAUTHORIZED", "Destination mismatch in auth header")
        signatures.append((key_id, signature))
    if not signatures:
        raise Refused(401, "M_UNAUTHORIZED", "Missing Authorization headers")
    if whitelist is not None and origin not in whitelist:
        raise Refused(403, "M_FORBIDDEN", f"Federation denied with {origin}.")
    signed["origin"] = origin
    for key_id, signature in signatures:
        key = await keys.key(origin, key_id, now)
        if key is None:
            raise Refused(401, "M_UNAUTHORIZED", f"Failed to find any key to satisfy: {origin} {key_id}")
        if not is_signed(signed, signature, key):
            raise Refused(401, "M_UNAUTHORIZED", f"Invalid signature for server {origin} with key {key_id}")
    return origin
