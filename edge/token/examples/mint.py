"""Mints a Common Access Token for one track: HS256, with Python's standard library alone.

    python3 mint.py KEYS TRACK SECONDS [COUNTRY…]

KEYS is the JWK Set that `nada token keygen` prints; out comes the path of the track's multivariant playlist.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from typing import NamedTuple


class Tag(NamedTuple):
    number: int
    value: object


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    width = next(width for width in range(4) if n < 1 << (8 << width))
    return bytes([major << 5 | 24 + width]) + n.to_bytes(1 << width, "big")


def cbor(value):
    """CBOR (RFC 8949): integers, texts, bytes, lists, dicts, each in its shortest encoding, and tags."""
    if isinstance(value, Tag):
        return head(6, value.number) + cbor(value.value)
    if isinstance(value, int):
        return head(1, -1 - value) if value < 0 else head(0, value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    raise TypeError(f"no CBOR for {value!r}")


def mint(claims, key):
    """A CWT (RFC 8392) in COSE_Mac0 (RFC 9052 §6.2) of claims by label, under a JWK."""
    if (key["kty"], key["alg"]) != ("oct", "HS256"):
        raise TypeError("mint.py signs with HS256 alone")
    secret = base64.urlsafe_b64decode(key["k"] + "=" * (-len(key["k"]) % 4))
    header = cbor({1: 5, 4: key["kid"].encode()})
    payload = cbor(claims)
    mac = hmac.digest(secret, cbor(["MAC0", header, b"", payload]), hashlib.sha256)
    token = cbor(Tag(61, Tag(17, [header, {}, payload, mac])))
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def track_claims(track, now, seconds, countries=(), token_id=None):
    """Everything of one track, for so many seconds from now (seconds since 1970), in these countries (none: anywhere)."""
    claims = {
        4: now + seconds,  # exp
        6: now,  # iat: a token without it counts as older than any revocation
        7: token_id or os.urandom(16),  # cti: what the token can be revoked by
        310: 1,  # catv
        312: {3: {1: f"/t/{track}/"}},  # catu: path, prefix
    }
    if countries:
        claims[316] = list(countries)  # catgeoiso3166
    return claims


if __name__ == "__main__":
    keys, track, seconds, *countries = sys.argv[1:]
    now = int(time.time())
    with open(keys, encoding="utf-8") as file:
        live = [k for k in json.load(file)["keys"] if k.get("nbf", 0) <= now < k.get("exp", now + 1)]
    token = mint(track_claims(track, now, int(seconds), countries), live[-1])
    print(f"/~{token}/t/{track}/multivariant.m3u8")
