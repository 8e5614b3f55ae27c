"""The primary is down: what makes a replica the primary asks nothing of it, and publishing goes on there."""

from __future__ import annotations

import json
import os
import subprocess
import unittest
from pathlib import Path

import hcl2
import plan
from cloud import Cloud, environment, refused, unconditional

LIVE = Path(__file__).resolve().parents[1] / "live"
SEGMENT = "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/aac-128/1.mp4"


class Failover(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        before = plan.read()["planned_values"]["outputs"]
        cls.down, cls.up = before["origins"]["value"]
        cls.policy = before["primary_policies"]["value"][cls.up["region"]]
        cls.planned = plan.read("NADA_FAILOVER_PLAN")
        cls.after = {"planned_values": plan.read("NADA_FAILOVER_STATE")["values"]}
        cls.outputs = cls.after["planned_values"]["outputs"]

    def test_the_primary_is_asked_for_nothing(self) -> None:
        changed = {
            one["address"]
            for one in self.planned["resource_changes"]
            if one["change"]["actions"] not in (["no-op"], ["read"])
        }
        edge, identities = (
            {address for address in changed if f".{provider}_" in address}
            for provider in ("cloudflare", "aws_iam")
        )
        self.assertEqual(changed, edge | identities)
        self.assertIn("module.edge.cloudflare_worker_version.edge", edge)
        self.assertEqual(
            identities,
            {
                "module.ci.aws_iam_role_policy.publisher",
                "module.origin.aws_iam_role.replication[0]",
                "module.origin.aws_iam_role_policy.replication[0]",
                "module.packager.aws_iam_role_policy.packager",
            },
        )

    def test_state_and_identity_are_in_no_origin(self) -> None:
        for path in sorted((LIVE / "environments").glob("*.s3.tfbackend")):
            with path.open() as file:
                region = hcl2.load(file)["region"]
            self.assertRegex(region, '^"[a-z]+-[a-z]+-[0-9]"$')
            self.assertNotIn(region.strip('"'), (self.down["region"], self.up["region"]), path.name)

    def test_the_edge_reads_what_changes_from_the_replica(self) -> None:
        [version] = plan.resources(self.after, "cloudflare_worker_version")
        [origins] = [
            json.loads(binding["text"])
            for binding in version["bindings"]
            if binding["name"] == "NADA_ORIGINS"
        ]
        self.assertEqual([origin["bucket"] for origin in origins], [self.up["bucket"], self.down["bucket"]])

    def test_writers_write_there_and_no_longer_to_the_primary(self) -> None:
        cloud = Cloud(self.after)
        self.addCleanup(cloud.close)
        s3 = cloud.client("s3")
        s3.put_bucket_policy(Bucket=self.up["bucket"], Policy=unconditional(self.policy))
        for document in plan.resources(self.after, "aws_s3_object"):
            s3.put_object(Bucket=self.up["bucket"], Key=document["key"], Body=document["content"].encode())
        name = self.outputs["masters"]["value"].removesuffix("-masters")
        writers = {role: cloud.role(f"{name}-{role}") for role in ("publisher", "packager")}
        cloud.enforce()
        for role, credentials in writers.items():
            with self.subTest(role):
                put = cloud.client("s3", credentials).put_object
                self.assertFalse(refused(put, Bucket=self.up["bucket"], Key=SEGMENT, Body=b"music"))
                self.assertTrue(refused(put, Bucket=self.down["bucket"], Key=SEGMENT, Body=b"music"))
        if "NADA_PROGRAM" in os.environ:
            release = min(Path(os.environ["NADA_RELEASES"]).glob("*/release.toml"))
            place = [
                "--to",
                f"s3://{self.up['bucket']}",
                "--region",
                self.up["region"],
                "--ladder",
                "heaac2-32",
            ]
            done = subprocess.run(
                [os.environ["NADA_PROGRAM"], "publish", str(release), *place],
                env=environment(writers["publisher"], cloud.endpoint),
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_nothing_is_copied_over_what_has_changed_since(self) -> None:
        [policy] = [
            json.loads(one["policy"])
            for one in plan.resources(self.after, "aws_iam_role_policy")
            if one["name"] == "replicate"
        ]
        written = {one["Sid"]: one["Resource"] for one in policy["Statement"]}["WriteReplicas"]
        self.assertEqual(written, [f"arn:aws:s3:::{self.down['bucket']}/*"])

    def test_the_replica_takes_writes_as_a_primary_does(self) -> None:
        statements = [one["Sid"] for one in json.loads(self.policy)["Statement"]]
        self.assertEqual(
            statements, ["TlsOnly", "KeepOldVersions", "CreateOnly", "CompareAndSwap", "KeepMutable"]
        )


if __name__ == "__main__":
    unittest.main()
