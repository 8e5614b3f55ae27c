"""What each identity of the plan can do, asked of a store that enforces their policies."""

from __future__ import annotations

import os
import subprocess
import unittest
from pathlib import Path

import plan
from cloud import Cloud, environment, refused

SEGMENT = "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/aac-128/1.mp4"
EMPTY = b'{"format":2,"floor":0,"entries":[]}'
MANIFEST = "tracks/INNDA2600001/manifest.json"


class Policies(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        planned = plan.read()
        outputs = {name: output.get("value") for name, output in planned["planned_values"]["outputs"].items()}
        cls.masters, cls.releases = outputs["masters"], outputs["releases"]["bucket"]
        cls.replica = outputs["origins"][1]["bucket"]
        cls.name = cls.masters.removesuffix("-masters")
        cls.cloud = Cloud(planned)
        cls.addClassCleanup(cls.cloud.close)
        s3 = cls.cloud.client("s3")
        for bucket in (cls.releases, cls.replica):
            s3.put_object(Bucket=bucket, Key=SEGMENT, Body=b"music")
        s3.put_object(Bucket=cls.releases, Key="releases/other.json", Body=b"{}")
        s3.put_object(Bucket=cls.masters, Key="inbox/kabir-dohe/01.flac", Body=b"master")
        cls.cloud.client("sqs").send_message(QueueUrl=cls.cloud.urls[f"{cls.name}-inbox"], MessageBody="{}")
        cls.edge = cls.cloud.user(f"{cls.name}-edge")
        cls.packager = cls.cloud.role(f"{cls.name}-packager")
        cls.publisher = cls.cloud.role(outputs["publisher_role_arn"].rpartition("/")[2])
        cls.cloud.enforce()

    def s3(self, credentials: dict):
        return self.cloud.client("s3", credentials)

    def may(self, call, **arguments) -> None:
        self.assertFalse(refused(call, **arguments), f"{call.__name__} {arguments} was refused")

    def may_not(self, call, **arguments) -> None:
        self.assertTrue(refused(call, **arguments), f"{call.__name__} {arguments} was allowed")

    def none_of_these(self, credentials: dict) -> None:
        """What no identity here may do: keys, identities, and what is set on buckets and queues."""
        iam, sts, s3 = (self.cloud.client(service, credentials) for service in ("iam", "sts", "s3"))
        edge = f"{self.name}-edge"
        self.may_not(iam.create_access_key, UserName=edge)
        self.may_not(iam.list_access_keys, UserName=edge)
        self.may_not(iam.get_user_policy, UserName=edge, PolicyName="read-releases")
        self.may_not(
            iam.put_role_policy, RoleName=f"{self.name}-publisher", PolicyName="publish", PolicyDocument="{}"
        )
        self.may_not(
            sts.assume_role,
            RoleArn=f"arn:aws:iam::123456789012:role/{self.name}-packager",
            RoleSessionName="test",
        )
        for service, call, arguments in [
            ("secretsmanager", "list_secrets", {}),
            ("ssm", "get_parameter", {"Name": "key"}),
            ("lambda", "list_functions", {}),
        ]:
            self.may_not(getattr(self.cloud.client(service, credentials), call), **arguments)
        self.may_not(s3.delete_bucket_policy, Bucket=self.releases)
        self.may_not(
            s3.put_bucket_versioning, Bucket=self.releases, VersioningConfiguration={"Status": "Suspended"}
        )
        for bucket in (self.releases, self.replica, self.masters):
            self.may_not(s3.delete_object, Bucket=bucket, Key=SEGMENT)
            self.may_not(s3.delete_bucket, Bucket=bucket)

    def test_the_edge_reads(self) -> None:
        s3 = self.s3(self.edge)
        for bucket in (self.releases, self.replica):
            self.may(s3.get_object, Bucket=bucket, Key=SEGMENT)
            self.may(s3.get_object, Bucket=bucket, Key=SEGMENT, Range="bytes=0-0")
        for key in ("changes.json", "revocations.json"):
            self.may(s3.get_object, Bucket=self.releases, Key=key)

    def test_the_edge_does_nothing_else(self) -> None:
        s3 = self.s3(self.edge)
        for bucket in (self.releases, self.replica, self.masters):
            self.may_not(s3.list_objects_v2, Bucket=bucket)
            self.may_not(s3.put_object, Bucket=bucket, Key=SEGMENT, Body=b"noise")
            self.may_not(s3.put_object, Bucket=bucket, Key=MANIFEST, Body=b"{}")
        self.may_not(s3.get_object, Bucket=self.masters, Key="inbox/kabir-dohe/01.flac")
        self.may_not(s3.get_object, Bucket=self.releases, Key="releases/other.json")
        self.none_of_these(self.edge)

    def publishes(self, credentials: dict) -> None:
        """What both publishers may do, and may not."""
        s3 = self.s3(credentials)
        self.may(s3.list_objects_v2, Bucket=self.releases, Prefix="tracks/")
        for key in (SEGMENT, MANIFEST, "releases/other.json", "changes.json"):
            self.may(s3.put_object, Bucket=self.releases, Key=key, Body=EMPTY)
            self.may(s3.get_object, Bucket=self.releases, Key=key)
            self.may(s3.head_object, Bucket=self.releases, Key=key)
        self.may(s3.head_object, Bucket=self.releases, Key="revocations.json")
        self.may_not(s3.put_object, Bucket=self.releases, Key="revocations.json", Body=b"{}")
        self.may_not(s3.put_object, Bucket=self.releases, Key="index.html", Body=b"hello")
        for key in (SEGMENT, MANIFEST):
            self.may_not(s3.put_object, Bucket=self.replica, Key=key, Body=b"{}")
        self.none_of_these(credentials)

    def test_the_packager_does_its_job(self) -> None:
        s3, sqs = self.s3(self.packager), self.cloud.client("sqs", self.packager)
        self.publishes(self.packager)
        self.may(s3.list_objects_v2, Bucket=self.masters, Prefix="inbox/kabir-dohe/")
        self.may(s3.get_object, Bucket=self.masters, Key="inbox/kabir-dohe/01.flac")
        self.may(s3.put_object, Bucket=self.masters, Key="inbox/kabir-dohe/result.json", Body=b"{}")
        inbox = self.cloud.urls[f"{self.name}-inbox"]
        [message] = sqs.receive_message(QueueUrl=inbox)["Messages"]
        receipt = message["ReceiptHandle"]
        self.may(sqs.change_message_visibility, QueueUrl=inbox, ReceiptHandle=receipt, VisibilityTimeout=600)
        self.may(sqs.delete_message, QueueUrl=inbox, ReceiptHandle=receipt)
        self.may(sqs.get_queue_attributes, QueueUrl=inbox, AttributeNames=["All"])
        self.may(sqs.send_message, QueueUrl=self.cloud.urls[f"{self.name}-dead"], MessageBody="given up")

    def test_the_packager_does_nothing_else(self) -> None:
        s3, sqs = self.s3(self.packager), self.cloud.client("sqs", self.packager)
        self.may_not(s3.put_object, Bucket=self.masters, Key="inbox/kabir-dohe/01.flac", Body=b"noise")
        self.may_not(s3.put_object, Bucket=self.masters, Key="inbox/kabir-dohe/release.toml", Body=b"")
        self.may_not(s3.get_object, Bucket=self.masters, Key="contracts/kabir.pdf")
        inbox, dead = self.cloud.urls[f"{self.name}-inbox"], self.cloud.urls[f"{self.name}-dead"]
        self.may_not(sqs.send_message, QueueUrl=inbox, MessageBody="again")
        self.may_not(sqs.purge_queue, QueueUrl=inbox)
        self.may_not(sqs.receive_message, QueueUrl=dead)
        self.may_not(sqs.purge_queue, QueueUrl=dead)

    def test_the_workflow_publishes_and_nothing_else(self) -> None:
        s3 = self.s3(self.publisher)
        self.publishes(self.publisher)
        self.may_not(s3.list_objects_v2, Bucket=self.masters)
        self.may_not(s3.get_object, Bucket=self.masters, Key="inbox/kabir-dohe/01.flac")
        sqs = self.cloud.client("sqs", self.publisher)
        for url in self.cloud.urls.values():
            self.may_not(sqs.receive_message, QueueUrl=url)
            self.may_not(sqs.send_message, QueueUrl=url, MessageBody="a")

    @unittest.skipUnless("NADA_PROGRAM" in os.environ, "NADA_PROGRAM names no nada to publish with")
    def test_nada_publish_needs_no_more(self) -> None:
        releases = sorted(Path(os.environ["NADA_RELEASES"]).glob("*/release.toml"))
        for release, credentials in zip(releases, (self.publisher, self.packager)):
            with self.subTest(release.parent.name):
                command = [
                    os.environ["NADA_PROGRAM"],
                    "publish",
                    str(release),
                    "--to",
                    f"s3://{self.releases}",
                    "--ladder",
                    "heaac2-32",
                ]
                done = subprocess.run(
                    command,
                    env=environment(credentials, self.cloud.endpoint),
                    capture_output=True,
                    text=True,
                    timeout=300,
                    check=False,
                )
                self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
