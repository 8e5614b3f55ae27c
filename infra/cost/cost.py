#!/usr/bin/env python3
"""What a month of plays costs, from assumptions.toml, what a million of them costs by where the music lies, and how many of
their requests caches answer: Markdown tables, one column for each number of plays; then where prices are from.

    python3 infra/cost/cost.py [ASSUMPTIONS.toml]
"""

import math
import sys
import tomllib
from functools import lru_cache
from pathlib import Path

GIGABYTE = 1e9
DAYS = 30
UNKNOWN = ", but for Cloudflare's Enterprise contract"
MONTH = DAYS * 24 * 3600


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
    seconds = a["listening"]["track_seconds"] * a["listening"]["listened"]
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


def parts_of(a, kbits):
    """Parts of a rendition's track file that a play touches, and their bytes: each is read whole, however little is asked for."""
    track, part = a["listening"]["track_seconds"] * kbits * 1000 / 8, a["catalogue"]["part_bytes"]
    parts = math.ceil(track * a["listening"]["listened"] / part)
    return parts, min(track, parts * part)


@lru_cache
def popularity(tracks, exponent):
    """Zipf's law: pairs of how many tracks, and the share of all plays that each has. Neighbours stand for one another
    where their ranks differ by a fiftieth at most."""
    weights = [rank**-exponent for rank in range(1, tracks + 1)]
    total = sum(weights)
    groups, first = [], 0
    while first < tracks:
        group = weights[first : max(first + 1, first * 51 // 50)]
        groups.append((len(group), sum(group) / len(group) / total))
        first += len(group)
    return groups


def miss_ratio(rate, kept):
    """Which share of the requests for one object finds it evicted: they come at random (Poisson), `rate` of them a month, and
    a cache keeps the object for `kept` months after each. That is the share of the pauses that last longer."""
    return math.exp(-rate * kept)


def misses(a, country, plays):
    """What one country's plays ask of an origin: reads of media, all reads, gigabytes."""
    cache, catalogue = a["cache"], a["catalogue"]
    tiers, kept = cache["upper_tiers"], cache["kept_days"] / DAYS
    plays *= a["listening"]["share"][country] / tiers
    media = manifests = size = 0.0
    for tracks, share in popularity(catalogue["tracks"], cache["zipf_exponent"]):
        played = plays * share
        for rendition in a["renditions"].values():
            # a play asks for the parts of a track file that are listened to, in one rendition; each fills a cache
            listened = played * rendition["share"]
            missed = tracks * listened * miss_ratio(listened * a["listening"]["listened"], kept)
            parts, part_bytes = parts_of(a, rendition["kbits"])
            media += missed * parts
            size += missed * part_bytes
        # read at a play, then kept for its time, for all that ask
        manifests += tracks * played / (1 + played * cache["manifest_seconds"] / MONTH)
    mutable = 2 * MONTH / cache["mutable_seconds"]
    size += manifests * cache["manifest_bytes"]
    return tiers * media, tiers * (media + manifests + mutable), tiers * size / GIGABYTE


def hit_ratio(a, plays):
    """The share of requests for media that caches answer, over all countries."""
    asked = plays * per_play(a)["media"]
    return 1 - sum(misses(a, country, plays)[0] for country in a["s3"]) / asked


def month(a, plays):
    """The table's rows for one number of plays: name to dollars, and the quantities behind them."""
    play, catalogue, workers = per_play(a), a["catalogue"], a["workers"]
    requests = plays * play["requests"]
    packaged = catalogue["new_tracks"] + catalogue["replaced_tracks"]
    kept = catalogue["tracks"] + catalogue["replaced_tracks"] * catalogue["old_versions_days"] / DAYS

    def gigabytes(tracks, size="bytes_per_track"):
        return tracks * catalogue[size] / GIGABYTE

    writes = packaged * catalogue["objects_per_track"] / 1e6
    asked = {country: misses(a, country, plays) for country in a["s3"]}
    reads = sum(reads for _, reads, _ in asked.values())
    told = requests * (workers["fault_share"] + (1 - workers["fault_share"]) / workers["sampling"])
    edge = (
        workers["base"]
        + above(requests, workers["included_requests"], workers["per_million_requests"])
        + above(
            requests * workers["cpu_ms_per_request"],
            workers["included_cpu_ms"],
            workers["per_million_cpu_ms"],
        )
        + above(told, a["analytics"]["included_points"], a["analytics"]["per_million_points"])
        + above(told, workers["included_lines"], workers["per_million_lines"])
    )
    packaging = packaged * (
        catalogue["packaging_gb_seconds"] * a["lambda"]["per_gb_second"]
        + catalogue["packaging_gb_seconds"]
        / catalogue["packaging_gb"]
        * catalogue["packaging_disk_gb"]
        * a["lambda"]["per_gb_second_disk"]
    )
    watching = watched(a)
    egress = sum(tiered(asked[c][2], s3["egress"]) for c, s3 in a["s3"].items())
    operations = sum(
        asked[c][1] / 1e6 * s3["per_million_get"] + writes * s3["per_million_put"]
        for c, s3 in a["s3"].items()
    )
    storage = sum(gigabytes(kept) * s3["storage_gb"] for s3 in a["s3"].values())
    home, away = list(a["s3"].values())[:2]
    fresh = min(kept, packaged * catalogue["archived_after_days"] / DAYS)
    masters = (
        gigabytes(fresh, "bytes_per_master") * home["storage_gb"]
        + gigabytes(kept - fresh, "bytes_per_master") * home["archive_gb"]
        + gigabytes(kept, "bytes_per_master") * away["archive_gb"]
    )
    replication = (gigabytes(packaged) + gigabytes(packaged, "bytes_per_master")) * a["replication"][
        "transfer_gb"
    ]
    stored = storage + masters + replication + packaging + watching
    s3 = egress + operations + stored

    def r2(gets):
        # masters, packaging and what watches are in AWS all the same
        return (
            masters
            + gigabytes(packaged, "bytes_per_master") * a["replication"]["transfer_gb"]
            + packaging
            + watching
            + a["secret"]["per_month"]
            + gigabytes(catalogue["tracks"]) * a["r2"]["storage_gb"]
            + above(gets, a["r2"]["included_gets"], a["r2"]["per_million_get"])
            + writes * a["r2"]["per_million_put"]
        )

    contract = a["enterprise"]["per_month"]
    delivered = plays * play["bytes"] / GIGABYTE
    front = a["cloudfront"]
    cloudfront = (
        sum(tiered(delivered * share, front[country]) for country, share in a["listening"]["share"].items())
        + requests / 1e6 * (front["per_million_requests"] + front["per_million_functions"])
        + operations
        + stored
    )
    # one origin, which a CDN in front of servers asks for what it misses
    other = (
        delivered * a["cdn"]["per_gb"]
        + a["cdn"]["servers"]
        + tiered(sum(size for *_, size in asked.values()), home["egress"])
        + reads / 1e6 * home["per_million_get"]
        + gigabytes(kept) * home["storage_gb"]
        + masters
        + packaging
        + watching
    )
    return {
        "quantities": {
            "plays of a track, on average": plays / catalogue["tracks"],
            "requests, millions": requests / 1e6,
            "hit ratio of media, %": 100 * hit_ratio(a, plays),
            "delivered, TB": plays * play["bytes"] / 1e12,
            "read from the origins, TB": sum(size for *_, size in asked.values()) / 1000,
        },
        "dollars": {
            "Workers: requests, CPU, log, Analytics Engine": edge,
            "packaging on Lambda, with its disk": packaging,
            "logs, metrics, alarms, canary": watching,
            "S3 storage of releases, both regions, with old versions": storage,
            "S3 storage of masters, archived, with old versions, in two regions": masters,
            "S3 requests": operations,
            "replication of new tracks and masters": replication,
            "**S3 egress** (AWS charges for every byte that Cloudflare fetches)": egress,
            "Cloudflare's Enterprise contract, which music from S3 asks for": contract or None,
            f"**all, with S3 as origins**{UNKNOWN if not contract else ''}": edge + s3 + contract,
            "**all, with R2 as the origin**, masters and packaging in AWS": edge + r2(reads),
            "*compared:* all, with R2 through its S3 endpoint, which is not cached": edge
            + r2(requests * a["r2"]["uncached_gets"]),
        },
        "kinds": {
            f"S3{UNKNOWN if not contract else ''}": edge + s3 + contract,
            "R2": edge + r2(reads),
            "*compared:* R2 through its S3 endpoint": edge + r2(requests * a["r2"]["uncached_gets"]),
            "*compared:* S3 behind CloudFront": cloudfront,
            "*compared:* `nada serve` behind another CDN": other,
        },
    }


def watched(a):
    """Dollars a month for what watches, whatever is played."""
    watch = a["cloudwatch"]
    return (
        watch["alarms"] * watch["per_alarm"]
        + watch["metrics"] * watch["per_metric"]
        + watch["log_gb"] * watch["per_log_gb"]
        + watch["canary_plays"] * watch["canary_gb_seconds"] * a["lambda"]["per_gb_second"]
        + watch["canary_plays"] / 1e6 * a["lambda"]["per_million_requests"]
    )


def per_million(a):
    """What a million plays costs by where the music lies and how many there are, as Markdown."""
    plays = a["listening"]["plays"] + [10e9]
    months = [month(a, count)["kinds"] for count in plays]
    lines = [
        "| a million plays, of so many a month | "
        + " | ".join(f"{count / 1e6:,g} M" for count in plays)
        + " |"
    ]
    lines.append("|---|" + "---:|" * len(plays))
    for kind in months[0]:
        cells = [f"${one[kind] / count * 1e6:,.2f}" for one, count in zip(months, plays)]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def priced(a, path=()):
    """Each table of prices: its name, source, and when it was read."""
    for name, value in a.items():
        if isinstance(value, dict):
            if "source" in value:
                yield ".".join([*path, name]), value["source"], value["read"]
            yield from priced(value, (*path, name))


def sources(a):
    """Where prices are from, as Markdown."""
    return "\n".join(
        ["| prices | source | read |", "|---|---|---|"]
        + [f"| {name} | {source} | {read} |" for name, source, read in priced(a)]
    )


def check(a):
    """Refuses assumptions that contradict themselves."""
    for name, shares in {
        "listening.share": a["listening"]["share"].values(),
        "renditions": [r["share"] for r in a["renditions"].values()],
    }.items():
        if abs(sum(shares) - 1) > 1e-6:
            raise ValueError(f"the shares of {name} make {sum(shares):.3f}, not 1")
    if set(a["s3"]) != set(a["listening"]["share"]):
        raise ValueError("listening.share and s3 must name the same countries")


def table(a):
    """The table as Markdown."""
    plays = a["listening"]["plays"]
    months = [month(a, count) for count in plays]
    lines = ["| a month | " + " | ".join(f"{count / 1e6:g} M plays" for count in plays) + " |"]
    lines.append("|---|" + "---:|" * len(plays))
    for group, form in [("quantities", "{:,.1f}"), ("dollars", "${:,.0f}")]:
        for row in months[0][group]:
            cells = [m[group][row] for m in months]
            shown = ["negotiated" if cell is None else form.format(cell) for cell in cells]
            lines.append(f"| {row} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def ratios(a, days=(0.5, 1, 2, 4, 8)):
    """The hit ratio by what is least known, as Markdown."""
    plays = a["listening"]["plays"]
    lines = [
        "| hit ratio, kept for so many days | "
        + " | ".join(f"{count / 1e6:g} M plays" for count in plays)
        + " |"
    ]
    lines.append("|---|" + "---:|" * len(plays))
    for kept in days:
        other = a | {"cache": a["cache"] | {"kept_days": kept}}
        lines.append(
            f"| {kept:g} | " + " | ".join(f"{hit_ratio(other, count):.0%}" for count in plays) + " |"
        )
    return "\n".join(lines)


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("assumptions.toml")
    try:
        assumptions = tomllib.loads(path.read_text())
        check(assumptions)
        print(
            table(assumptions),
            per_million(assumptions),
            ratios(assumptions),
            sources(assumptions),
            sep="\n\n",
        )
    except (OSError, ValueError) as error:
        sys.exit(f"cost.py: {path}: {error}")
    except KeyError as error:
        sys.exit(f"cost.py: {path}: {error} is missing")


if __name__ == "__main__":
    main()
