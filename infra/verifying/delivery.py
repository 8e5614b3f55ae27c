"""The edge, as a listener meets it."""

from __future__ import annotations

import os
import subprocess
import time
from urllib.parse import urljoin

import canary
from mint import mint, track_claims

from .checks import Answer, Context, Failed, Skipped, check, expect, http

SECONDS = 60  # within which a withdrawal must hold


def base(context: Context) -> str:
    return context.outputs["base_url"]


@check("answers")
def answers(context: Context) -> str:
    health = http(f"{base(context)}/healthz")
    expect(health.status == 200, f"/healthz: {health.status}")
    version = http(f"{base(context)}/version")
    expect(version.status == 200, f"/version: {version.status}")
    return version.body.decode().strip()[:60]


@check("encrypted-alone")
def encrypted_alone(context: Context) -> str:
    """Nothing is answered in the clear, and no redirection tells a token twice."""
    clear = http(base(context).replace("https://", "http://") + "/t/INNDA2600001/multivariant.m3u8")
    expect(clear.status == 403, f"plain http is answered {clear.status}, not 403")
    hsts = http(f"{base(context)}/healthz").headers.get("strict-transport-security", "")
    expect("max-age=" in hsts, "there is no Strict-Transport-Security")
    return f"http is refused; {hsts}"


@check("firewall")
def firewall(context: Context) -> str:
    """What is no request of Nada's does not reach the worker, which would say so in a problem document."""
    for method, path in (("POST", "/healthz"), ("GET", "/wp-login.php"), ("GET", "/")):
        answer = http(f"{base(context)}{path}", method)
        expect(answer.status == 403, f"{method} {path}: {answer.status}, not 403")
        expect(b'"code"' not in answer.body, f"{method} {path} reached the worker, and was paid for")
    return "methods and paths that are not Nada's end before the worker"


@check("bucket-closed")
def bucket_closed(context: Context) -> str:
    """The bucket's host name is the worker's alone: to everybody else the zone's rule says no before the bucket does."""
    if not context.bucket_hostname:
        raise Skipped("releases lie in S3")
    for path in ("changes.json", "tracks/VERIFY/manifest.json", "verify"):
        answer = http(f"{base(context).partition('//')[0]}//{context.bucket_hostname}/{path}")
        expect(
            answer.status == 403, f"{context.bucket_hostname}/{path} is answered {answer.status} to everybody"
        )
    return f"{context.bucket_hostname} is closed"


@check("players")
def players(context: Context) -> str:
    """Players that are no browsers are not challenged."""
    for agent in ("ExoPlayerLib/2.19.1", "VLC/3.0.20 LibVLC/3.0.20", "AppleCoreMedia/1.0.0", "-"):
        answer = http(f"{base(context)}/healthz", headers={"user-agent": agent})
        expect(answer.status == 200, f"{agent} is answered {answer.status}")
    return "players are let in"


def home(context: Context, track: str) -> str:
    key = canary.live_key(context.keys, time.time())
    return f"{base(context)}/~{mint(track_claims(track, int(time.time()), 600), key)}/t/{track}/"


@check("plays")
def plays(context: Context) -> str:
    if not (context.track and context.keys):
        raise Skipped("--track and --keys name nothing to play")
    try:
        seen = canary.play(base(context), context.track, canary.live_key(context.keys, time.time()))
    except canary.Unwell as unwell:
        raise Failed(str(unwell)) from None
    return f"the first segment after {seen['Start']} ms"


@check("cache")
def cache(context: Context) -> str:
    """Asked twice, an object comes from the cache: by Server-Timing, which says what CF-Cache-Status said to the worker."""
    if not (context.track and context.keys):
        raise Skipped("--track and --keys name nothing to play")
    multivariant = urljoin(home(context, context.track), "multivariant.m3u8")

    def uri(url: str, media: bool) -> str:
        lines = http(url).body.decode().splitlines()
        found = [line for line in lines if line and not line.startswith("#")]
        expect(bool(found), f"the {'media' if media else 'multivariant'} playlist lists nothing")
        return urljoin(url, found[-1])

    segment = uri(uri(multivariant, media=False), media=True)
    said = [timing(http(segment)) for _ in range(3)]
    expect(
        "hit" in said[1:], f"a segment that was asked for three times was {', '.join(said)}: it is not cached"
    )
    again = timing(http(multivariant))
    return f"a segment is {', '.join(said)}; the manifest {again}"


def timing(answer: Answer) -> str:
    expect(answer.status == 200, f"a segment is answered {answer.status}")
    fields = answer.headers.get("server-timing", "").split(", ")
    return next((field.partition("desc=")[2] for field in fields if field.startswith("cache;")), "unknown")


@check("takedown")
def takedown(context: Context) -> str:
    """How long a withdrawal takes, from here."""
    if not (context.takedown and context.keys):
        raise Skipped("--takedown and --keys name nothing to withdraw")
    place = ["--at", f"s3://{context.primary['bucket']}", "--region", context.primary["region"]]
    environment = dict(os.environ)
    if endpoint := context.primary.get("endpoint"):
        place += ["--endpoint-url", endpoint]
        environment |= context.r2_key()
    url = urljoin(home(context, context.takedown), "multivariant.m3u8")
    expect(http(url).status == 200, f"{context.takedown} does not play")
    began = time.monotonic()
    try:
        # it returns when every edge is bound to notice: the edge here is asked meanwhile
        with subprocess.Popen(
            ["nada", "withdraw", context.takedown, *place],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        ) as nada:
            while http(url).status == 200 and time.monotonic() - began < 2 * SECONDS and not nada.poll():
                time.sleep(0.5)
            seconds = time.monotonic() - began
            complaint = nada.communicate()[1].strip().splitlines()
            expect(nada.returncode == 0, (complaint or ["nada withdraw failed"])[-1])
    except FileNotFoundError:
        raise Skipped("nada is not on the PATH") from None
    finally:
        subprocess.run(
            ["nada", "restore", context.takedown, *place],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
    expect(seconds <= SECONDS, f"still heard after {seconds:.0f} s")
    return f"{seconds:.1f} s"
