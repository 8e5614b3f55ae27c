#!/usr/bin/env python3
"""What a month of plays costs, from assumptions.toml: a Markdown table, one column for each number of plays.

    python3 infra/cost/cost.py [ASSUMPTIONS.toml]
"""

import sys
import tomllib
from pathlib import Path

GIGABYTE = 1e9
MONTH = 30 * 24 * 3600


def above(used, included, per_million):
    """Dollars for what is used beyond what is included."""
    return max(0.0, used - included) / 1e6 * per_million


def tiered(gigabytes, tiers):
    """Dollars for gigabytes, each priced by the tier it falls into."""
    total = below = 0.0
    for upto, price in tiers:
        total += max(0.0, min(gigabytes, upto) - below) * price
        below = upto
    return total


def per_play(a):
    """Requests of a play, those for immutable media among them, and bytes."""
    seconds = a["listening"]["song_seconds"] * a["listening"]["listened"]
    ask = a["requests"]
    segments = 1 + max(0.0, seconds - ask["first_segment_seconds"]) / ask["segment_seconds"]
    media = segments + ask["init_segments"]
    small = ask["playlists"] + ask["documents"]
    kbits = sum(r["share"] * r["kbits"] for r in a["renditions"].values())
    return {
        "requests": media + small,
        "media": media,
        "bytes": seconds * kbits * 1000 / 8 + small * ask["document_bytes"],
    }


def misses(a, country, plays):
    """What one country's plays ask of an origin: reads, gigabytes."""
    play = per_play(a)
    missed = plays * a["listening"]["share"][country] * (1 - a["cache"]["hit_ratio"][country])
    mutable = 2 * a["cache"]["upper_tiers"] * MONTH / a["cache"]["mutable_seconds"]
    return missed * play["requests"] + mutable, missed * play["bytes"] / GIGABYTE


def month(a, plays):
    """The table's rows for one number of plays: name to dollars, and the quantities behind them."""
    play, catalogue, workers = per_play(a), a["catalogue"], a["workers"]
    requests = plays * play["requests"]
    stored = catalogue["tracks"] * catalogue["bytes_per_track"] / GIGABYTE
    fresh = catalogue["new_tracks"] * catalogue["bytes_per_track"] / GIGABYTE
    writes = catalogue["new_tracks"] * catalogue["objects_per_track"] / 1e6
    asked = {country: misses(a, country, plays) for country in a["s3"]}
    reads = sum(reads for reads, _ in asked.values())
    edge = (
        workers["base"]
        + above(requests, workers["included_requests"], workers["per_million_requests"])
        + above(requests * workers["cpu_ms_per_request"], workers["included_cpu_ms"], workers["per_million_cpu_ms"])
        + above(requests, a["analytics"]["included_points"], a["analytics"]["per_million_points"])
    )
    packaging = catalogue["new_tracks"] * catalogue["packaging_gb_seconds"] * a["lambda"]["per_gb_second"]
    egress = sum(tiered(asked[c][1], s3["egress"]) for c, s3 in a["s3"].items())
    operations = sum(
        asked[c][0] / 1e6 * s3["per_million_get"] + writes * s3["per_million_put"] for c, s3 in a["s3"].items()
    )
    storage = sum(stored * s3["storage_gb"] for s3 in a["s3"].values())
    replication = fresh * (a["replication"]["transfer_gb"] + a["replication"]["time_control_gb"])
    r2 = stored * a["r2"]["storage_gb"] + reads / 1e6 * a["r2"]["per_million_get"] + writes * a["r2"]["per_million_put"]
    s3 = egress + operations + storage + replication
    return {
        "quantities": {
            "requests, millions": requests / 1e6,
            "delivered, TB": plays * play["bytes"] / 1e12,
            "read from the origins, TB": sum(gigabytes for _, gigabytes in asked.values()) / 1000,
        },
        "dollars": {
            "Workers: requests, CPU, Analytics Engine": edge,
            "packaging on Lambda": packaging,
            "S3 storage, both regions": storage,
            "S3 requests": operations,
            "replication of new tracks": replication,
            "**S3 egress** (AWS charges for every byte that Cloudflare fetches)": egress,
            "**all, with S3 as origins**": edge + packaging + s3,
            "the same with R2 as the origin (no egress)": edge + packaging + r2,
        },
        "per_thousand": {
            "a thousand plays, S3": (edge + packaging + s3) / plays * 1000,
            "a thousand plays, R2": (edge + packaging + r2) / plays * 1000,
        },
    }


def check(a):
    """Refuses assumptions that contradict themselves."""
    for name, shares in {
        "listening.share": a["listening"]["share"].values(),
        "renditions": [r["share"] for r in a["renditions"].values()],
    }.items():
        if abs(sum(shares) - 1) > 1e-6:
            raise ValueError(f"the shares of {name} make {sum(shares):.3f}, not 1")
    if set(a["s3"]) != set(a["listening"]["share"]) or set(a["s3"]) != set(a["cache"]["hit_ratio"]):
        raise ValueError("listening.share, cache.hit_ratio and s3 must name the same countries")


def table(a):
    """The table as Markdown."""
    plays = a["listening"]["plays"]
    months = [month(a, count) for count in plays]
    lines = ["| a month | " + " | ".join(f"{count / 1e6:g} M plays" for count in plays) + " |"]
    lines.append("|---|" + "---:|" * len(plays))
    for group, form in [("quantities", "{:,.1f}"), ("dollars", "${:,.0f}"), ("per_thousand", "${:,.3f}")]:
        for row in months[0][group]:
            lines.append(f"| {row} | " + " | ".join(form.format(m[group][row]) for m in months) + " |")
    return "\n".join(lines)


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("assumptions.toml")
    try:
        assumptions = tomllib.loads(path.read_text())
        check(assumptions)
        print(table(assumptions))
    except (OSError, ValueError) as error:
        sys.exit(f"cost.py: {path}: {error}")
    except KeyError as error:
        sys.exit(f"cost.py: {path}: {error} is missing")


if __name__ == "__main__":
    main()
