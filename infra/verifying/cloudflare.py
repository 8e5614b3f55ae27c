"""Cloudflare: what was deployed is what is in force."""

from __future__ import annotations

import json
import os

from .checks import Context, Skipped, check, expect, http


def api(path: str) -> dict:
    token = os.environ.get("CLOUDFLARE_API_TOKEN")
    if not token:
        raise Skipped("CLOUDFLARE_API_TOKEN is not set")
    base = os.environ.get("NADA_CLOUDFLARE_API", "https://api.cloudflare.com/client/v4")
    answer = http(f"{base}{path}", headers={"authorization": f"Bearer {token}"})
    expect(answer.status == 200, f"Cloudflare's API answers {path.rpartition('/')[2]} with {answer.status}")
    return json.loads(answer.body)["result"]


def script(context: Context) -> str:
    worker = context.outputs["worker"]
    return f"/accounts/{worker['account_id']}/workers/scripts/{worker['name']}"


@check("active-version")
def active_version(context: Context) -> str:
    """The provider reads the deployment that it made, not the one in force."""
    deployments = api(f"{script(context)}/deployments")["deployments"]
    newest = max(deployments, key=lambda one: one["created_on"])
    active = sorted((one["version_id"], one["percentage"]) for one in newest["versions"])
    expected = sorted((one["version_id"], one["percentage"]) for one in context.outputs["worker"]["versions"])
    expect(active == expected, f"{active} answer, and {expected} was deployed")
    return f"{active[0][0]} answers"


@check("limits")
def limits(context: Context) -> str:
    """The provider may leave the limit of processor time out."""
    version = api(f"{script(context)}/versions/{context.outputs['worker_version']}")
    found = (version.get("resources", {}).get("script_runtime", {}).get("limits") or {}).get("cpu_ms")
    expect(bool(found), "the version has no limit of processor time: nothing bounds what a request costs")
    return f"{found} ms of processor time for a request"
