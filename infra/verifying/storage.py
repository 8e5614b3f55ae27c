"""AWS: what is stored, copied, refused, measured and told."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from datetime import UTC, datetime

from .checks import Context, Failed, check, expect

KEY_DAYS = 180  # how old the edge's key may be


@check("plan-empty")
def plan_empty(context: Context) -> str:
    """A second plan: the providers answer as they were asked."""
    command = [*context.terraform, "plan", "-input=false", "-lock=false", "-detailed-exitcode"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    expect(
        done.returncode != 2,
        "a second plan changes something: "
        + "; ".join(line.strip(" #") for line in done.stdout.splitlines() if line.lstrip().startswith("# ")),
    )
    expect(done.returncode == 0, (done.stderr.strip().splitlines() or ["terraform failed"])[0])
    return "a second plan changes nothing"


@check("quotas")
def quotas(context: Context) -> str:
    quota = context.aws(
        "service-quotas",
        "get-service-quota",
        "--service-code",
        "lambda",
        "--quota-code",
        "L-B99A9384",
        region=context.home,
    )["Quota"]["Value"]
    expect(quota >= 100, f"{quota:.0f} Lambda invocations at a time: request 1,000 (quota L-B99A9384)")
    return f"{quota:.0f} Lambda invocations at a time"


@check("versions-and-locks")
def versions_and_locks(context: Context) -> str:
    """Old versions everywhere, a lock on masters."""
    places = [(one["bucket"], one["region"]) for one in context.outputs["origins"]] + [
        (context.outputs["masters"], context.home)
    ]
    for bucket, region in places:
        said = context.aws("s3api", "get-bucket-versioning", "--bucket", bucket, region=region)
        expect(said.get("Status") == "Enabled", f"{bucket} keeps no old versions")
    lock = context.aws(
        "s3api", "get-object-lock-configuration", "--bucket", context.outputs["masters"], region=context.home
    )
    rule = lock["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention", {})
    expect(rule.get("Mode") == "GOVERNANCE", "masters are not locked")
    return f"masters are locked for {rule['Days']} days"


@check("replication")
def replication(context: Context) -> str:
    """The first objects: a role that S3 may not assume shows here, and what failed is not tried again."""
    for key in ("changes.json", "revocations.json"):
        primary = context.aws(
            "s3api",
            "head-object",
            "--bucket",
            context.primary["bucket"],
            "--key",
            key,
            region=context.primary["region"],
        )
        status = primary.get("ReplicationStatus")
        expect(status == "COMPLETED", f"{key}: ReplicationStatus is {status}, not COMPLETED")
        for replica in context.replicas:
            copy = context.aws(
                "s3api", "head-object", "--bucket", replica["bucket"], "--key", key, region=replica["region"]
            )
            expect(copy["ETag"] == primary["ETag"], f"{key} in {replica['region']} is another")
    return f"COMPLETED, and the same in {', '.join(replica['region'] for replica in context.replicas)}"


@check("conditional-writes")
def conditional_writes(context: Context) -> str:
    """The bucket's policy against requests such as `nada publish` makes, and such as nobody should."""
    bucket, region = context.primary["bucket"], context.primary["region"]
    key = f"verify/{time.time_ns()}"

    def refused(code: str, *arguments: str) -> None:
        try:
            context.aws("s3api", *arguments, "--bucket", bucket, region=region)
        except Failed as error:
            if not str(error).startswith(code):
                raise Failed(f"{error}, and not {code}") from None
        else:
            raise Failed(f"{arguments[0]} {' '.join(arguments[1:])} was taken")

    with tempfile.NamedTemporaryFile() as body:
        body.write(b"verify\n")
        body.flush()
        refused("AccessDenied", "put-object", "--key", key, "--body", body.name)
        refused("AccessDenied", "put-object", "--key", "tracks/VERIFY/manifest.json", "--body", body.name)
        context.aws(
            "s3api",
            "put-object",
            "--bucket",
            bucket,
            "--key",
            key,
            "--body",
            body.name,
            "--if-none-match",
            "*",
            region=region,
        )
        refused("PreconditionFailed", "put-object", "--key", key, "--body", body.name, "--if-none-match", "*")
        parts = f"{key}-parts"
        upload = context.aws(
            "s3api", "create-multipart-upload", "--bucket", bucket, "--key", parts, region=region
        )["UploadId"]
        part = context.aws(
            "s3api",
            "upload-part",
            "--bucket",
            bucket,
            "--key",
            parts,
            "--upload-id",
            upload,
            "--part-number",
            "1",
            "--body",
            body.name,
            region=region,
        )["ETag"]
        whole = json.dumps({"Parts": [{"ETag": part, "PartNumber": 1}]})
        refused(
            "AccessDenied",
            "complete-multipart-upload",
            "--key",
            parts,
            "--upload-id",
            upload,
            "--multipart-upload",
            whole,
        )
        context.aws(
            "s3api",
            "complete-multipart-upload",
            "--bucket",
            bucket,
            "--key",
            parts,
            "--upload-id",
            upload,
            "--multipart-upload",
            whole,
            "--if-none-match",
            "*",
            region=region,
        )
        for one in (key, parts):
            context.aws("s3api", "delete-object", "--bucket", bucket, "--key", one, region=region)
    return "created once, never replaced unseen, in one piece and in parts"


@check("stored-headers")
def stored_headers(context: Context) -> str:
    """Cloudflare keeps what was asked for with Authorization only if `public` is said."""
    bucket, region = context.primary["bucket"], context.primary["region"]
    listed = context.aws(
        "s3api", "list-objects-v2", "--bucket", bucket, "--max-items", "20", region=region
    ).get("Contents", [])
    for one in listed:
        head = context.aws("s3api", "head-object", "--bucket", bucket, "--key", one["Key"], region=region)
        expect(
            "public" in head.get("CacheControl", ""), f"{one['Key']} is stored without Cache-Control: public"
        )
    return f"{len(listed)} objects are stored as public"


@check("metrics")
def metrics(context: Context) -> str:
    """What functions say in the embedded metric format is a metric."""
    for namespace, regions in {
        "Nada/Packager": [context.home],
        "Nada/Canary": context.outputs["canary_regions"],
    }.items():
        for region in regions:
            found = context.aws("cloudwatch", "list-metrics", "--namespace", namespace, region=region)[
                "Metrics"
            ]
            expect(
                bool(found),
                f"no metric of {namespace} in {region}: nothing was packaged or played yet, or its lines are not taken",
            )
    return "the packager's, and the canary's in " + (
        ", ".join(context.outputs["canary_regions"]) or "no region yet"
    )


@check("who-is-told")
def who_is_told(context: Context) -> str:
    """Everybody has confirmed."""
    count = 0
    for region, topic in context.outputs["alarm_topics"].items():
        listed = context.aws("sns", "list-subscriptions-by-topic", "--topic-arn", topic, region=region)[
            "Subscriptions"
        ]
        expect(bool(listed), f"nobody is subscribed in {region}")
        waiting = [one["Endpoint"] for one in listed if one["SubscriptionArn"] == "PendingConfirmation"]
        expect(not waiting, f"{', '.join(waiting)} has not confirmed, in {region}")
        count += len(listed)
    return f"{count} subscriptions are confirmed"


@check("age-of-keys")
def age_of_keys(context: Context) -> str:
    user = f"{context.outputs['name']}-edge"
    listed = context.aws("iam", "list-access-keys", "--user-name", user)["AccessKeyMetadata"]
    active = [one for one in listed if one["Status"] == "Active"]
    expect(bool(active), f"{user} has no active key")
    expect(len(active) == 1, f"{user} has {len(active)} active keys: a rotation was not ended")
    made = datetime.fromisoformat(active[0]["CreateDate"])
    days = (datetime.now(UTC) - made).days
    expect(days <= KEY_DAYS, f"{user}'s key is {days} days old: rotate it")
    return f"{days} days"
