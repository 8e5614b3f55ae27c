"""The plan after a region was taken out of the state: nothing of its bucket is touched, and nobody reads or writes there."""

from __future__ import annotations

import json
import unittest

import plan

GONE = "eu-central-2"


class OutOfARegion(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.planned = plan.read()

    def test_only_alarms_are_destroyed(self) -> None:
        destroyed = {
            one["type"]
            for one in self.planned["resource_changes"]
            if "delete" in one["change"]["actions"]
            and one["type"] != "cloudflare_worker_version"
            and one["type"] != "cloudflare_workers_deployment"
        }
        self.assertLessEqual(
            destroyed,
            {
                "aws_cloudwatch_metric_alarm",
                "aws_sns_topic",
                "aws_sns_topic_policy",
                "aws_sns_topic_subscription",
            },
        )

    def test_nothing_of_the_bucket_is_changed(self) -> None:
        changed = {
            one["address"]
            for one in self.planned["resource_changes"]
            if one["change"]["actions"] != ["no-op"]
        }
        self.assertEqual({address for address in changed if GONE in address and ".aws_s3_" in address}, set())

    def test_nobody_reads_or_writes_there(self) -> None:
        for kind in ("aws_iam_user_policy", "aws_iam_role_policy", "aws_s3_bucket_replication_configuration"):
            for one in plan.resources(self.planned, kind):
                self.assertNotIn(GONE, json.dumps(one))
        origins = self.planned["planned_values"]["outputs"]["origins"]["value"]
        self.assertEqual([origin["region"] for origin in origins], ["ap-south-1", "ap-southeast-3"])


if __name__ == "__main__":
    unittest.main()
