"""infra/verify passes where things are as they should be, and fails for each thing that is not: moto answers for AWS, and small
servers for the edge and for Cloudflare."""

from __future__ import annotations

import json
import logging
import os
import shutil
import stat
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock
from urllib.request import Request, urlopen

import boto3
from moto.server import ThreadedMotoServer

INFRA = Path(__file__).resolve().parents[1]
EDGE = Path(os.environ.get("NADA_EDGE", INFRA.parent / "edge"))
sys.path[:0] = [str(INFRA), str(INFRA / "canary"), str(EDGE / "token" / "examples")]
from verifying import cloudflare, delivery, storage
from verifying.checks import Context, Failed, Skipped

# AWS's command line, as it answers where bucket policies are enforced and objects replicated, which moto does not do
AWS = """#!/bin/bash
case "$*" in *"s3api put-object "* | *"s3api complete-multipart-upload "*)
  if [[ $* != *--if-none-match* ]]; then
    echo "An error occurred (AccessDenied) when calling the operation: denied" >&2
    exit 254
  fi ;;
esac
said=$(AWS "$@") || exit
if [[ $* == *head-object* ]]; then jq '. + {ReplicationStatus: "COMPLETED"}' <<<"$said"; else printf '%s' "$said"; fi
"""
logging.getLogger("werkzeug").setLevel(logging.ERROR)
REGIONS = ["ap-south-1", "ap-southeast-3"]
KEY = {"kty": "oct", "alg": "HS256", "kid": "2026", "k": "A" * 43}


def outputs(base: str = "https://cdn.example.com") -> dict:
    return {
        "name": "nada-test",
        "masters": "nada-test-masters",
        "releases": {"bucket": "nada-test-ap-south-1", "region": "ap-south-1"},
        "origins": [{"bucket": f"nada-test-{region}", "region": region} for region in REGIONS],
        "queue_arn": "arn:aws:sqs:ap-south-1:123456789012:nada-test-inbox",
        "canary_regions": REGIONS,
        "base_url": base,
        "worker": {
            "account_id": "acme",
            "name": "nada",
            "versions": [{"version_id": "new", "percentage": 100}],
        },
        "worker_version": "new",
    }


@unittest.skipIf("NADA_PLAN" in os.environ, "no plan is needed: it runs once")
@unittest.skipUnless(shutil.which("aws") and shutil.which("jq"), "aws or jq is missing")
class Aws(unittest.TestCase):
    def setUp(self) -> None:
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        self.addCleanup(server.stop)
        host, port = server.get_host_and_port()
        # what moto keeps outlives its server
        urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
        environment = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "a",
            "AWS_REGION": "ap-south-1",
            "AWS_DEFAULT_REGION": "ap-south-1",
        }
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        program = folder / "aws"
        program.write_text(AWS.replace("AWS ", f"{shutil.which('aws')} ", 1))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.real = os.environ["PATH"]
        self.enterContext(mock.patch.dict(os.environ, environment | {"PATH": f"{folder}:{self.real}"}))
        self.s3 = {region: boto3.client("s3", region_name=region) for region in REGIONS}
        self.context = Context(["true"], outputs())
        for region in REGIONS:
            self.bucket(f"nada-test-{region}", region)
        self.bucket("nada-test-masters", "ap-south-1", lock=True)

    def bucket(self, name: str, region: str, lock: bool = False) -> None:
        s3 = self.s3[region]
        s3.create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": region},
            ObjectLockEnabledForBucket=lock,
        )
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if lock:
            rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}
            s3.put_object_lock_configuration(
                Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
            )
            return
        for key in ("changes.json", "revocations.json"):
            s3.put_object(Bucket=name, Key=key, Body=b"{}", CacheControl="public, max-age=15")

    def without_policies(self):
        return mock.patch.dict(os.environ, {"PATH": self.real})

    def test_versions_and_locks(self) -> None:
        self.assertIn("30 days", storage.versions_and_locks(self.context))
        suspended = {"Status": "Suspended"}
        self.s3["ap-southeast-3"].put_bucket_versioning(
            Bucket="nada-test-ap-southeast-3", VersioningConfiguration=suspended
        )
        with self.assertRaisesRegex(Failed, "ap-southeast-3 keeps no old versions"):
            storage.versions_and_locks(self.context)

    def test_replication(self) -> None:
        self.assertIn("COMPLETED", storage.replication(self.context))
        with self.without_policies(), self.assertRaisesRegex(Failed, "ReplicationStatus is None"):
            storage.replication(self.context)
        self.s3["ap-southeast-3"].put_object(
            Bucket="nada-test-ap-southeast-3", Key="changes.json", Body=b"other"
        )
        with self.assertRaisesRegex(Failed, "changes.json in ap-southeast-3 is another"):
            storage.replication(self.context)

    def test_conditional_writes(self) -> None:
        self.assertIn("in parts", storage.conditional_writes(self.context))
        left = self.s3["ap-south-1"].list_objects_v2(Bucket="nada-test-ap-south-1")["Contents"]
        self.assertEqual({one["Key"] for one in left}, {"changes.json", "revocations.json"})
        with self.without_policies(), self.assertRaisesRegex(Failed, "put-object .* was taken"):
            storage.conditional_writes(self.context)

    def test_r2(self) -> None:
        """No policies, no versions and no replicas, and a key of its own: moto stands for R2."""
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        self.context.outputs |= {
            "releases": {"bucket": "nada-test-ap-south-1", "region": "auto", "endpoint": endpoint},
            "origins": [{"bucket": "nada-test-ap-south-1", "region": "auto", "endpoint": endpoint}],
            "bucket_hostname": "releases.example.com",
        }
        with self.assertRaisesRegex(Skipped, "no key to R2"):
            storage.stored_headers(self.context)
        for check in (storage.replication, storage.age_of_keys):
            with self.assertRaisesRegex(Skipped, "in R2"):
                check(self.context)
        self.assertIn("30 days", storage.versions_and_locks(self.context))
        key = {"NADA_R2_ACCESS_KEY_ID": "r2", "NADA_R2_SECRET_ACCESS_KEY": "hush"}
        with mock.patch.dict(os.environ, key), self.without_policies():
            self.assertIn("2 objects", storage.stored_headers(self.context))
            self.assertIn("kept its conditions", storage.conditional_writes(self.context))
        left = self.s3["ap-south-1"].list_objects_v2(Bucket="nada-test-ap-south-1")["Contents"]
        self.assertEqual({one["Key"] for one in left}, {"changes.json", "revocations.json"})

    def test_stored_headers(self) -> None:
        self.assertIn("2 objects", storage.stored_headers(self.context))
        self.s3["ap-south-1"].put_object(Bucket="nada-test-ap-south-1", Key="tracks/a", Body=b"a")
        with self.assertRaisesRegex(Failed, "tracks/a is stored without"):
            storage.stored_headers(self.context)

    def test_metrics(self) -> None:
        with self.assertRaisesRegex(Failed, "no metric of Nada/Packager in ap-south-1"):
            storage.metrics(self.context)
        for namespace, region in (
            ("Nada/Packager", REGIONS[0]),
            ("Nada/Canary", REGIONS[0]),
            ("Nada/Canary", REGIONS[1]),
        ):
            client = boto3.client("cloudwatch", region_name=region)
            client.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "Failed", "Value": 0}])
        self.assertIn("ap-southeast-3", storage.metrics(self.context))

    def test_who_is_told(self) -> None:
        sns = boto3.client("sns", region_name="ap-south-1")
        topic = sns.create_topic(Name="nada-test-alarms")["TopicArn"]
        self.context.outputs["alarm_topics"] = {"ap-south-1": topic}
        with self.assertRaisesRegex(Failed, "nobody is subscribed"):
            storage.who_is_told(self.context)
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
        self.assertIn("1 subscriptions", storage.who_is_told(self.context))

    def test_age_of_keys(self) -> None:
        iam = boto3.client("iam")
        iam.create_user(UserName="nada-test-edge")
        with self.assertRaisesRegex(Failed, "no active key"):
            storage.age_of_keys(self.context)
        iam.create_access_key(UserName="nada-test-edge")
        self.assertEqual(storage.age_of_keys(self.context), "0 days")
        with mock.patch.object(storage, "KEY_DAYS", -1), self.assertRaisesRegex(Failed, "rotate it"):
            storage.age_of_keys(self.context)

    def test_a_plan_that_changes_something(self) -> None:
        self.assertIn("nothing", storage.plan_empty(self.context))
        self.context.terraform = [
            "bash",
            "-c",
            "echo '  # module.edge.x will be replaced'; exit 2",
            "terraform",
        ]
        with self.assertRaisesRegex(Failed, "module.edge.x will be replaced"):
            storage.plan_empty(self.context)


class Edge(BaseHTTPRequestHandler):
    """An edge that can be wrong in many ways: `server.wrong` names them."""

    def answer(self) -> None:
        wrong, path = self.server.wrong, self.path
        track = path.partition("/t/")[2]
        status, body, headers = 200, b"ok", {"strict-transport-security": "max-age=31536000"}
        if "hsts" in wrong:
            headers = {}
        if path.startswith("/client/v4/"):
            versions = [{"version_id": "old" if "rollback" in wrong else "new", "percentage": 100}]
            result = {"deployments": [{"created_on": "2026-11-29", "versions": versions}]}
            if "/versions/" in path:
                limit = {} if "limits" in wrong else {"cpu_ms": 50}
                result = {"resources": {"script_runtime": {"limits": limit}}}
            body = json.dumps({"result": result}).encode()
        elif "challenge" in wrong and not self.headers["user-agent"].startswith("nada"):
            status = 403
        elif path in ("/healthz", "/version") and self.command == "GET":
            pass
        elif path.startswith("/~") and track.endswith(("multivariant.m3u8", "media.m3u8")):
            body = b"#EXTM3U\n" + (b"0.m4s" if track.endswith("media.m3u8") else b"media.m3u8") + b"\n"
        elif "open" in wrong:
            pass
        elif path.startswith("/~"):
            self.server.asked += 1
            headers["server-timing"] = (
                f"cache;desc={'miss' if self.server.asked == 1 or 'uncached' in wrong else 'hit'}, total;dur=1"
            )
        else:
            status, body = 403, b'{"code":"not_found"}' if "paid" in wrong else b"blocked"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_arguments: object) -> None:
        pass


@unittest.skipIf("NADA_PLAN" in os.environ, "no plan is needed: it runs once")
class Delivered(unittest.TestCase):
    def setUp(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Edge)
        self.server.wrong, self.server.asked = set(), 0
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        found = outputs(base) | {"bucket_hostname": base.partition("//")[2]}
        self.context = Context(["true"], found, track="INNDA2600001", keys={"keys": [KEY]})
        self.enterContext(
            mock.patch.dict(
                os.environ, {"CLOUDFLARE_API_TOKEN": "a", "NADA_CLOUDFLARE_API": f"{base}/client/v4"}
            )
        )

    def test_each_check_passes_and_fails(self) -> None:
        for check, fault, said in (
            (delivery.encrypted_alone, "hsts", "Strict-Transport-Security"),
            (delivery.firewall, "paid", "was paid for"),
            (delivery.players, "challenge", "is answered 403"),
            (delivery.bucket_closed, "open", "is answered 200 to everybody"),
            (delivery.cache, "uncached", "it is not cached"),
            (cloudflare.active_version, "rollback", "old"),
            (cloudflare.limits, "limits", "no limit"),
        ):
            with self.subTest(check.__name__):
                self.server.wrong, self.server.asked = set(), 0
                check(self.context)
                self.server.wrong = {fault}
                with self.assertRaisesRegex(Failed, said):
                    check(self.context)

    def test_what_cannot_be_looked_at_is_skipped(self) -> None:
        self.context.outputs["bucket_hostname"] = None
        with self.assertRaisesRegex(Skipped, "in S3"):
            delivery.bucket_closed(self.context)
        self.context.track = self.context.takedown = None
        with mock.patch.dict(os.environ, {"CLOUDFLARE_API_TOKEN": ""}):
            for check in (delivery.plays, delivery.cache, delivery.takedown, cloudflare.limits):
                with self.assertRaises(Skipped):
                    check(self.context)


if __name__ == "__main__":
    unittest.main()
