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
    """Old versions everywhere but in R2, which has none, and a lock on masters."""
    releases = [] if context.bucket_hostname else context.outputs["origins"]
    places = [(one["bucket"], one["region"]) for one in releases] + [
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
    context.in_s3()
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
    """The store against requests such as `nada publish` makes, and such as nobody should. S3 has a policy that refuses puts
    without a condition; R2 has none, and only keeps the conditions that it is given."""
    key = f"verify/{time.time_ns()}"

    def refused(code: str, *arguments: str) -> None:
        try:
            context.releases(*arguments)
        except Failed as error:
            if not str(error).startswith(code):
                raise Failed(f"{error}, and not {code}") from None
        else:
            raise Failed(f"{arguments[0]} {' '.join(arguments[1:])} was taken")

    with tempfile.NamedTemporaryFile() as body:
        body.write(b"verify\n")
        body.flush()
        put = ("put-object", "--body", body.name, "--key")
        parts = f"{key}-parts"
        if not context.bucket_hostname:
            refused("AccessDenied", *put, key)
            refused("AccessDenied", *put, "tracks/VERIFY/manifest.json")
        try:
            made = context.releases(*put, key, "--if-none-match", "*")["ETag"]
            refused("PreconditionFailed", *put, key, "--if-none-match", "*")
            if context.bucket_hostname:
                # in S3 the policy lets manifests alone be replaced
                refused("PreconditionFailed", *put, key, "--if-match", '"0123456789abcdef0123456789abcdef"')
                context.releases(*put, key, "--if-match", made)
            upload = context.releases("create-multipart-upload", "--key", parts)["UploadId"]
            of_upload = ("--key", parts, "--upload-id", upload)
            part = context.releases("upload-part", *of_upload, "--body", body.name, "--part-number", "1")[
                "ETag"
            ]
            whole = json.dumps({"Parts": [{"ETag": part, "PartNumber": 1}]})
            complete = ("complete-multipart-upload", *of_upload, "--multipart-upload", whole)
            if not context.bucket_hostname:
                refused("AccessDenied", *complete)
            context.releases(*complete, "--if-none-match", "*")
        finally:
            for one in (key, parts):
                try:
                    context.releases("delete-object", "--key", one)
                except Failed:
                    pass
    kept = "kept its conditions" if context.bucket_hostname else "created once, never replaced unseen"
    return f"{kept}, in one piece and in parts"


@check("stored-headers")
def stored_headers(context: Context) -> str:
    """Cloudflare keeps what was asked for with Authorization only if `public` is said."""
    listed = context.releases("list-objects-v2", "--max-items", "20").get("Contents", [])
    for one in listed:
        head = context.releases("head-object", "--key", one["Key"])
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
    context.in_s3()
    user = f"{context.outputs['name']}-edge"
    listed = context.aws("iam", "list-access-keys", "--user-name", user)["AccessKeyMetadata"]
    active = [one for one in listed if one["Status"] == "Active"]
    expect(bool(active), f"{user} has no active key")
    expect(len(active) == 1, f"{user} has {len(active)} active keys: a rotation was not ended")
    made = datetime.fromisoformat(active[0]["CreateDate"])
    days = (datetime.now(UTC) - made).days
    expect(days <= KEY_DAYS, f"{user}'s key is {days} days old: rotate it")
    return f"{days} days"
