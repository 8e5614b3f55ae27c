"""A check, and what it may ask: Terraform's outputs, AWS's command line, HTTP."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):
    """It is not as it should be."""


class Skipped(Exception):
    """It cannot be looked at."""


KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
CHECKS: dict[str, Callable[[Context], str]] = {}


def check(name: str) -> Callable:
    """Registers a check: a function that returns what it saw, or raises Failed or Skipped."""

    def register(function: Callable[[Context], str]) -> Callable[[Context], str]:
        CHECKS[name] = function
        return function

    return register


def expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Failed(otherwise)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Context:
    """One environment."""

    terraform: list[str]
    outputs: dict
    track: str | None = None
    keys: dict | None = None
    takedown: str | None = None

    @classmethod
    def of(cls, here: Path, options: argparse.Namespace) -> Context:
        terraform = [str(here / "terraform"), options.environment]
        if options.outputs:
            printed = options.outputs.read_text()
        else:
            said = subprocess.run(
                [*terraform, "output", "-json"], capture_output=True, text=True, check=False
            )
            if said.returncode != 0:
                raise SystemExit(f"infra/verify: {said.stderr.strip()}")
            printed = said.stdout
        outputs = {name: one["value"] for name, one in json.loads(printed).items()}
        keys = json.loads(options.keys.read_text()) if options.keys else None
        return cls(terraform, outputs, options.track, keys, options.takedown)

    def aws(self, *arguments: str, region: str | None = None, keys: dict | None = None) -> dict:
        """What AWS's command line answers. A refusal is Failed, with its code first."""
        program = shutil.which("aws")
        if program is None:
            raise Skipped("aws, AWS's command line, is missing")
        command = [program, *arguments, "--output", "json", *(["--region", region] if region else [])]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=os.environ | {"AWS_PAGER": ""} | (keys or {}),
            check=False,
        )
        if done.returncode != 0:
            error = done.stderr.strip().splitlines()[-1:] or ["no answer"]
            code = error[0].partition("(")[2].partition(")")[0]
            raise Failed(f"{code or error[0]}: aws {' '.join(arguments[:2])}")
        return json.loads(done.stdout or "{}")

    @property
    def primary(self) -> dict:
        return self.outputs["releases"]

    @property
    def replicas(self) -> list[dict]:
        return self.outputs["origins"][1:]

    @property
    def bucket_hostname(self) -> str | None:
        """The host name of the bucket of R2, where releases lie there."""
        return self.outputs.get("bucket_hostname")

    def in_s3(self) -> None:
        """Ends a check that is of releases in S3 alone."""
        if self.bucket_hostname:
            raise Skipped("releases lie in R2")

    def r2_key(self) -> dict[str, str]:
        """The key to R2, as AWS's command line and `nada` take it. A session of AWS's is none of R2's."""
        keys = {name: os.environ.get(f"NADA_R2_{name[4:]}", "") for name in KEYS}
        if not all(keys.values()):
            raise Skipped("NADA_R2_ACCESS_KEY_ID and NADA_R2_SECRET_ACCESS_KEY hold no key to R2")
        return keys | {"AWS_SESSION_TOKEN": ""}

    def releases(self, *arguments: str) -> dict:
        """What a command of `aws s3api` says of the bucket that releases are published to, by the key to
        R2 where it lies there."""
        bucket, region = self.primary["bucket"], self.primary["region"]
        endpoint = self.primary.get("endpoint")
        keys = self.r2_key() if endpoint else None
        command = [
            "s3api",
            *arguments,
            "--bucket",
            bucket,
            *(["--endpoint-url", endpoint] if endpoint else []),
        ]
        return self.aws(*command, region=region, keys=keys)

    @property
    def home(self) -> str:
        """The region of masters and packager."""
        return self.outputs["queue_arn"].split(":")[3]


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        return None


def http(url: str, method: str = "GET", headers: dict | None = None) -> Answer:
    """One answer, whatever its status; redirections are answers."""
    request = urllib.request.Request(
        url, method=method, headers={"user-agent": "nada-verify"} | (headers or {})
    )
    try:
        with urllib.request.build_opener(Unfollowed).open(request, timeout=20) as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())
    except OSError as error:
        raise Failed(f"{url.partition('~')[0]}: {error}") from None
