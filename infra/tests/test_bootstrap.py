"""Who plans and who applies: enough for what infra/live makes, none of its content, and nobody bounds himself anew."""

from __future__ import annotations

import json
import unittest

import plan
from cloud import Cloud, refused

# the prefix of a service's actions, where it is not the second word of its resources' names
SERVICES = {"cloudwatch_log": "logs", "cloudwatch_event": "events"}


def service(kind: str) -> str:
    """The service that a resource's type belongs to, as IAM calls it."""
    words = kind.removeprefix("aws_").split("_")
    return SERVICES.get("_".join(words[:2]), words[0])


class Bootstrap(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.planned, cls.live = plan.read("NADA_BOOTSTRAP"), plan.read()
        policies = plan.resources(cls.planned, "aws_iam_role_policy")
        cls.statements = {one["name"]: json.loads(one["policy"])["Statement"] for one in policies}
        [boundary] = plan.resources(cls.planned, "aws_iam_policy")
        cls.boundary = json.loads(boundary["policy"])["Statement"]
        cls.name = cls.live["planned_values"]["outputs"]["name"]["value"]

    def allowed(self, role: str) -> set[str]:
        return {
            action
            for one in self.statements[role]
            if one["Effect"] == "Allow"
            for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
        }

    def test_who_applies_may_change_every_service_that_is_used(self) -> None:
        used = {
            service(one["type"])
            for one in self.live["resource_changes"]
            if one["type"].startswith("aws_") and one["mode"] == "managed"
        }
        may = {action.partition(":")[0] for action in self.allowed("apply") - self.allowed("plan")}
        self.assertEqual(used - may, set())

    def test_who_plans_changes_nothing_but_the_lock(self) -> None:
        writing = {
            one
            for one in self.allowed("plan")
            if not one.partition(":")[2].startswith(("Get", "List", "Describe", "View"))
        }
        self.assertEqual(writing, {"s3:PutObject", "s3:DeleteObject"})
        for one in self.statements["plan"]:
            if one["Effect"] == "Allow" and "s3:PutObject" in one["Action"]:
                self.assertTrue(one["Resource"].endswith("/terraform.tfstate.tflock"))

    def test_both_read_the_state_and_no_content(self) -> None:
        outputs = self.planned["planned_values"]["outputs"]
        cloud = Cloud(self.live)
        self.addCleanup(cloud.close)
        state = outputs["state"]["value"]
        s3 = cloud.client("s3")
        cloud.client("s3", region="ap-southeast-1").create_bucket(
            Bucket=state, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"}
        )
        masters, [primary, replica] = (
            f"{self.name}-masters",
            self.live["planned_values"]["outputs"]["origins"]["value"],
        )
        environment = self.name.split("-")[1]
        key = f"nada/{environment}/terraform.tfstate"
        s3.put_object(Bucket=state, Key=key, Body=b"{}")
        s3.put_object(Bucket=masters, Key="inbox/new/01.flac", Body=b"master")
        for bucket in (primary["bucket"], replica["bucket"]):
            s3.put_object(Bucket=bucket, Key="tracks/INNDA2600001/manifest.json", Body=b"{}")
        cloud.identities(self.planned)
        roles = {role: cloud.role(f"{self.name}-{role}") for role in ("plan", "apply")}
        cloud.enforce()
        for role, credentials in roles.items():
            with self.subTest(role):
                own = cloud.client("s3", credentials)
                self.assertFalse(refused(own.get_object, Bucket=state, Key=key))
                self.assertEqual(refused(own.put_object, Bucket=state, Key=key, Body=b"{}"), role == "plan")
                self.assertFalse(refused(own.put_object, Bucket=state, Key=f"{key}.tflock", Body=b"{}"))
                self.assertTrue(refused(own.get_object, Bucket=masters, Key="inbox/new/01.flac"))
                self.assertTrue(
                    refused(own.put_object, Bucket=masters, Key="inbox/new/01.flac", Body=b"noise")
                )
                for bucket in (primary["bucket"], replica["bucket"]):
                    self.assertTrue(
                        refused(own.get_object, Bucket=bucket, Key="tracks/INNDA2600001/manifest.json")
                    )
                self.assertFalse(refused(own.get_bucket_policy, Bucket=primary["bucket"]))
                self.assertFalse(refused(own.head_object, Bucket=primary["bucket"], Key="changes.json"))
                self.assertEqual(
                    refused(own.put_object, Bucket=primary["bucket"], Key="changes.json", Body=b"{}"),
                    role == "plan",
                )
                self.assertTrue(refused(own.delete_bucket, Bucket=masters))
                iam = cloud.client("iam", credentials)
                self.assertTrue(refused(iam.create_access_key, UserName=f"{self.name}-edge"))
                for deployer in ("plan", "apply"):
                    self.assertTrue(
                        refused(
                            iam.put_role_policy,
                            RoleName=f"{self.name}-{deployer}",
                            PolicyName="more",
                            PolicyDocument="{}",
                        )
                    )

    def test_content_is_refused_whatever_else_is_allowed_one_day(self) -> None:
        for role in ("plan", "apply"):
            [refusal] = [one for one in self.statements[role] if one["Sid"] == "NoContent"]
            self.assertIn("s3:GetObject", refusal["Action"])
            for excepted in refusal["NotResource"]:
                self.assertRegex(
                    excepted, r"(/terraform\.tfstate(\.tflock)?|-releases-\*/(changes|revocations)\.json)$"
                )

    def test_identities_are_made_with_the_boundary_alone(self) -> None:
        [make] = [one for one in self.statements["apply"] if one["Sid"] == "MakeIdentities"]
        self.assertIn("iam:CreateRole", make["Action"])
        self.assertEqual(list(make["Condition"]["StringEquals"]), ["iam:PermissionsBoundary"])
        elsewhere = [
            one["Sid"]
            for one in self.statements["apply"]
            if one["Effect"] == "Allow"
            and one["Sid"] != "MakeIdentities"
            and any(
                action
                in ("iam:*", "iam:CreateRole", "iam:PutRolePolicy", "iam:CreateUser", "iam:AttachRolePolicy")
                for action in one["Action"]
            )
        ]
        self.assertEqual(elsewhere, [])

    def test_the_boundary_bounds(self) -> None:
        allowed = [one for one in self.boundary if one["Effect"] == "Allow"]
        for one in allowed:
            self.assertTrue(
                self.name in one["Resource"] or "cloudwatch:namespace" in str(one.get("Condition")),
                one["Sid"],
            )
        actions = {
            action
            for one in allowed
            for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
        }
        self.assertFalse(
            any(
                "*" in action or action.startswith(("iam:", "sts:")) and action != "iam:ListAccessKeys"
                for action in actions
            )
        )
        self.assertNotIn("s3:BypassGovernanceRetention", actions)

    def test_what_live_gives_is_within_the_boundary(self) -> None:
        allowed = {
            action
            for one in self.boundary
            if one["Effect"] == "Allow"
            for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
        }
        for kind in ("aws_iam_role_policy", "aws_iam_user_policy"):
            for policy in plan.resources(self.live, kind):
                for one in json.loads(policy["policy"])["Statement"]:
                    if one["Effect"] == "Allow":
                        actions = {one["Action"]} if isinstance(one["Action"], str) else set(one["Action"])
                        self.assertEqual(actions - allowed, set(), f"{policy['name']}: {one.get('Sid')}")


if __name__ == "__main__":
    unittest.main()
