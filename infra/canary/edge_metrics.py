"""What the edge counted in the last ten minutes, as metrics of CloudWatch: requests, the shares of failed answers, of silent
origins, of cache hits and of what no cache may keep, and how old the edge's key is, if it has one.

A Lambda function, every five minutes, in one region. A Cloudflare token that may read Account Analytics is a SecureString there.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from datetime import UTC, datetime

API = "https://api.cloudflare.com/client/v4"
LEAST = 1000  # requests, below which a share says nothing

# the newest minute is not whole yet
SQL = """
SELECT sum(n) AS requests,
  sum(if(status >= 500, n, 0)) AS failed,
  sum(if(code = 'origin_unavailable', n, 0)) AS unavailable,
  sum(if(cache = 'hit', n, 0)) AS hits,
  sum(if(cache = 'bypass', n, 0)) AS bypassed,
  sum(if(cache != '', n, 0)) AS looked_up
FROM (SELECT timestamp, _sample_interval * toUInt32(double9) AS n, blob2 AS code, blob5 AS cache, double1 AS status FROM {dataset}
  WHERE timestamp >= NOW() - INTERVAL '11' MINUTE AND timestamp < NOW() - INTERVAL '1' MINUTE)
FORMAT JSON
"""


def counted(account: str, dataset: str, token: str) -> dict[str, float]:
    """The row that Analytics Engine answers; zeros where nothing was asked."""
    request = urllib.request.Request(
        f"{os.environ.get('NADA_CLOUDFLARE_API', API)}/accounts/{account}/analytics_engine/sql",
        SQL.format(dataset=dataset).encode(),
        {"authorization": f"Bearer {token}", "content-type": "text/plain"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        rows = json.load(answer)["data"]
    return {name: float(value or 0) for name, value in rows[0].items()} if rows else {"requests": 0.0}


def metrics(row: dict[str, float]) -> dict[str, float]:
    """Shares in percent, of so many requests that a share says something."""
    found = {"Requests": row["requests"]}
    if row["requests"] >= LEAST:
        found["Failed"] = 100 * row["failed"] / row["requests"]
        found["OriginUnavailable"] = 100 * row["unavailable"] / row["requests"]
        if row["looked_up"] >= LEAST:
            found["Hits"] = 100 * row["hits"] / row["looked_up"]
            found["Bypass"] = 100 * row["bypassed"] / row["looked_up"]
    return found


def key_age(listed: list[dict], now: datetime) -> float:
    """Days since the oldest active key was made; without one, whatever is above every limit."""
    made = [key["CreateDate"] for key in listed if key["Status"] == "Active"]
    return (now - min(made)).days if made else 100_000


def emf(name: str, found: dict[str, float]) -> str:
    """One line that CloudWatch takes as metrics."""
    units = {"Requests": "Count", "KeyAge": "None"}
    described = [{"Name": metric, "Unit": units.get(metric, "Percent")} for metric in found]
    directive = {"Namespace": "Nada/Edge", "Dimensions": [["Environment"]], "Metrics": described}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "Environment": name,
    }
    return json.dumps(line | found)


def handler(_event: object, _context: object) -> None:
    """Whatever fails here fails the invocation, and that has an alarm."""
    import boto3

    environment = os.environ
    parameter = boto3.client("ssm").get_parameter(Name=environment["TOKEN"], WithDecryption=True)
    row = counted(environment["ACCOUNT"], environment["DATASET"], parameter["Parameter"]["Value"])
    found = metrics(row)
    if user := environment.get("EDGE_USER"):
        keys = boto3.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
        found["KeyAge"] = key_age(keys, datetime.now(UTC))
    print(emf(environment["NAME"], found))
