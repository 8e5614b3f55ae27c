"""No secret is in a plan or a state: secrets are named, and made by hand."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import re
import string
import unittest
from collections.abc import Iterator
from pathlib import Path

import plan

# what a secret looks like, wherever it is found
SECRETS = {
    "an access key of AWS": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    # as those of AWS are, three in ten of which have neither slash nor plus; an escape may stand before it, and 40
    # hexadecimal digits are a SHA-1
    "a secret of 40 characters": re.compile(
        r"(?:(?<![A-Za-z0-9/+])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4}))(?![0-9a-f]{40})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a JSON Web Key": re.compile(r'\\*"kty\\*"'),
    "a Common Access Token": re.compile(r"\b2D3R[A-Za-z0-9_-]{20,}"),
}
# resources whose attributes are secrets
SECRET_KINDS = {
    "aws_iam_access_key",
    "aws_secretsmanager_secret_version",
    "cloudflare_account_token",
    "cloudflare_api_token",
}
BINDINGS = {"analytics_engine", "plain_text", "secrets_store_secret"}


def found(text: str) -> list[str]:
    """The kinds of secrets in a text."""
    return [kind for kind, pattern in SECRETS.items() if pattern.search(text)]


def kinds(value: object) -> Iterator[str]:
    """The resource types named anywhere in a plan or a state."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str) and ("mode" in value or "provider_name" in value):
            yield value["type"]
        for inner in value.values():
            yield from kinds(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from kinds(inner)


def signs() -> bool:
    """Whether the edge signs its reads: not of a bucket of R2."""
    return not plan.resources(plan.read(), "cloudflare_r2_bucket")


class Secrets(unittest.TestCase):
    def texts(self) -> dict[str, str]:
        names = ("NADA_PLAN", "NADA_STATE")
        return {name: Path(os.environ[name]).read_text() for name in names}

    def test_nothing_looks_like_one(self) -> None:
        for name, text in self.texts().items():
            self.assertEqual(found(text), [], name)

    def test_what_terraform_was_given_stays_out(self) -> None:
        for given in ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "CLOUDFLARE_API_TOKEN"):
            for name, text in self.texts().items():
                self.assertNotIn(os.environ[given], text, name)

    def test_nothing_makes_one(self) -> None:
        for name, text in self.texts().items():
            made = set(kinds(json.loads(text)))
            self.assertIn("cloudflare_worker_version", made)
            self.assertEqual(made & SECRET_KINDS, set(), name)

    def test_bindings_name_them(self) -> None:
        [version] = plan.resources(plan.read(), "cloudflare_worker_version")
        self.assertEqual({binding["type"] for binding in version["bindings"]}, BINDINGS)
        secret = [binding for binding in version["bindings"] if binding["type"] == "secrets_store_secret"]
        key = ["NADA_S3_ACCESS_KEY_ID", "NADA_S3_SECRET_ACCESS_KEY"]
        self.assertEqual(sorted(b["name"] for b in secret), ["NADA_KEYS", *(key if signs() else [])])
        for binding in version["bindings"]:
            for value in ("key_base64", "key_jwk", "json"):
                self.assertIsNone(binding.get(value))

    def test_the_search_finds_some(self) -> None:
        for planted in (
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY",
            '{"value": "{\\"keys\\":[{\\"kty\\":\\"oct\\"}]}"}',
            "-----BEGIN EC PRIVATE KEY-----",
        ):
            self.assertEqual(len(found(f'"a": "{planted}"')), 1, planted)

    def test_every_secret_of_aws_is_found_wherever_it_stands(self) -> None:
        letters = string.ascii_letters + string.digits
        chance = random.Random(40)
        for alphabet in (letters, letters + "/+", string.ascii_lowercase):
            for _ in range(1000):
                secret = "".join(chance.choices(alphabet, k=40))
                for place in ('"{}"', "key={}", r"secret:\n{}\n", r"\u003c{}\u003e", r"\"{}\"", "{}"):
                    self.assertEqual(
                        found(place.format(secret)), ["a secret of 40 characters"], place.format(secret)
                    )

    def test_what_is_none_is_not_taken_for_one(self) -> None:
        for known in (
            hashlib.sha1(b"commit").hexdigest(),
            hashlib.sha256(b"file").hexdigest(),
            base64.b64encode(hashlib.sha256(b"program").digest()).decode(),
            "arn:aws:s3:::nada-production-acme-releases-ap-south-1/tracks/*/manifest.json",
            "nada-production-acme-releases-ap-south-1",
        ):
            self.assertEqual(found(f'"a": "{known}"'), [], known)


if __name__ == "__main__":
    unittest.main()
