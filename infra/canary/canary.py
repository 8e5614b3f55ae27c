"""Plays a track as a listener's player does, and says in CloudWatch's embedded metric format whether it could, and how soon.

As a Lambda function: `handler`, once a minute, in a region where listeners are. The signing keys are a SecureString in the
Parameter Store of that region. As a program, which says in JSON what it saw:

    python3 canary.py BASE_URL TRACK KEYS_FILE
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urljoin, urlsplit

from mint import mint, track_claims

TIMEOUT = 10  # seconds for one answer
LIFE = 300  # seconds that a token lives


class Unwell(Exception):
    """What a listener would notice. No text of it has a token: lines are kept, and whoever reads them must not play."""


def shown(url: str) -> str:
    """A URL's path without the token."""
    path = urlsplit(url).path
    return path[path.find("/t/") :] if path.startswith("/~") else path


def fetch(url: str, expected: int = 200) -> bytes:
    request = urllib.request.Request(url, headers={"user-agent": "nada-canary"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    except OSError as error:
        raise Unwell(f"{shown(url)}: {type(error).__name__}") from None
    if status != expected:
        code = body[:200].decode(errors="replace").replace("\n", " ")
        raise Unwell(f"{shown(url)}: status {status}, not {expected}: {code}")
    return body


def lines(playlist: bytes) -> list[str]:
    text = playlist.decode()
    if not text.startswith("#EXTM3U"):
        raise Unwell("a playlist is none")
    return text.splitlines()


def address(line: str) -> str:
    """The URI attribute of a tag."""
    return line.partition('URI="')[2].partition('"')[0]


def play(base: str, track: str, key: dict, issuer: str | None = None, audience: str | None = None) -> dict:
    """Plays the first and the last seconds of a track: milliseconds of each step. Fails with Unwell."""
    claims = track_claims(track, int(time.time()), LIFE)
    claims |= {1: issuer} if issuer else {}
    claims |= {3: audience} if audience else {}
    home = f"{base}/~{mint(claims, key)}/t/{track}/"
    seen, began = {}, time.monotonic()

    def step(name: str) -> None:
        seen[name] = round((time.monotonic() - began) * 1000)

    multivariant = urljoin(home, "multivariant.m3u8")
    listed = lines(fetch(multivariant))
    variants = [line for line in listed if line and not line.startswith("#")]
    if not variants:
        raise Unwell("the multivariant playlist lists no rendition")
    media = urljoin(multivariant, variants[0])
    listed = lines(fetch(media))
    step("Playlists")
    init = [address(line) for line in listed if line.startswith("#EXT-X-MAP:")]
    segments = [line for line in listed if line and not line.startswith("#")]
    if len(init) != 1 or not segments or "#EXT-X-ENDLIST" not in listed:
        raise Unwell("the media playlist is not whole")
    if not fetch(urljoin(media, init[0])) or not fetch(urljoin(media, segments[0])):
        raise Unwell("the first segment is empty")
    step("Start")
    fetch(urljoin(media, segments[-1]))
    step("Segments")
    json.loads(fetch(urljoin(home, "track.json")))
    json.loads(fetch(urljoin(home, "lyrics.json")))
    step("Lyrics")
    # whoever has no token hears nothing
    fetch(f"{base}/t/{track}/multivariant.m3u8", expected=401)
    return seen


def live_key(keys: dict, now: float) -> dict:
    """The key that the backend signs with: the last one that is alive."""
    return [key for key in keys["keys"] if key.get("nbf", 0) <= now < key.get("exp", now + 1)][-1]


def emf(name: str, region: str, seen: dict, failed: bool) -> str:
    """One line that CloudWatch takes as metrics."""
    metrics = {"Failed": int(failed)} | seen
    units = {metric: "Count" if metric == "Failed" else "Milliseconds" for metric in metrics}
    return json.dumps(
        {
            "_aws": {
                "Timestamp": int(time.time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Nada/Canary",
                        "Dimensions": [["Environment", "From"]],
                        "Metrics": [{"Name": metric, "Unit": unit} for metric, unit in units.items()],
                    }
                ],
            },
            "Environment": name,
            "From": region,
            **metrics,
        }
    )


def handler(_event: object, _context: object) -> None:
    import boto3

    environment = os.environ
    seen, reason = {}, None
    try:
        parameters = boto3.client("ssm").get_parameter(Name=environment["KEYS"], WithDecryption=True)
        key = live_key(json.loads(parameters["Parameter"]["Value"]), time.time())
        seen = play(
            environment["BASE"],
            environment["TRACK"],
            key,
            environment.get("ISSUER"),
            environment.get("AUDIENCE"),
        )
    except Unwell as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 (whatever it is, somebody has to look)
        reason = type(error).__name__
    if reason:
        print(json.dumps({"reason": reason}))
    print(emf(environment["NAME"], environment["AWS_REGION"], seen, reason is not None))


if __name__ == "__main__":
    base, track, keys = sys.argv[1:]
    with open(keys, encoding="utf-8") as file:
        print(json.dumps(play(base, track, live_key(json.load(file), time.time()))))
