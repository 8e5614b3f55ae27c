"""An environment whose releases lie in R2: what is in AWS all the same, what is not, and that the bucket is closed before it has a
host name. Run by `check`, with the plan of such an environment."""

from __future__ import annotations

import json
import unittest

import plan

NAME = "nada-staging-acme"


class R2(unittest.TestCase):
    def setUp(self) -> None:
        self.plan = plan.read()

    def test_masters_and_the_audit_alone_are_in_s3(self) -> None:
        buckets = {one["bucket"] for one in plan.resources(self.plan, "aws_s3_bucket")}
        self.assertEqual(buckets, {f"{NAME}-masters", f"{NAME}-audit"})
        for kind in ("aws_s3_bucket_replication_configuration", "aws_s3_object", "aws_iam_user_policy"):
            self.assertEqual(plan.resources(self.plan, kind), [], kind)

    def test_the_packager_has_the_key_of_the_bucket_and_no_right_on_another(self) -> None:
        [function] = [
            one
            for one in plan.resources(self.plan, "aws_lambda_function")
            if one["runtime"] == "provided.al2023"
        ]
        variables = function["environment"][0]["variables"]
        self.assertEqual(variables["NADA_RELEASES_BUCKET"], f"{NAME}-releases")
        self.assertEqual(variables["NADA_RELEASES_REGION"], "auto")
        self.assertRegex(
            variables["NADA_RELEASES_ENDPOINT"], r"^https://[0-9a-f]{32}\.r2\.cloudflarestorage\.com$"
        )
        secret = variables["NADA_RELEASES_SECRET"]
        [policy] = [
            json.loads(one["policy"])
            for one in plan.resources(self.plan, "aws_iam_role_policy")
            if one["name"] == "package"
        ]
        allowed = {one["Sid"]: one for one in policy["Statement"]}
        [readable] = allowed["ReadSecrets"]["Resource"]
        self.assertRegex(readable, rf":secret:{secret}-\*$")
        self.assertEqual({sid for sid in allowed if "Releases" in sid}, set())

    def test_the_bucket_is_closed_before_it_has_a_host_name(self) -> None:
        [domain] = plan.resources(self.plan, "cloudflare_r2_custom_domain")
        [managed] = plan.resources(self.plan, "cloudflare_r2_managed_domain")
        self.assertEqual((domain["domain"], managed["enabled"]), ("releases.staging.example.com", False))
        [rules] = plan.resources(self.plan, "cloudflare_ruleset")
        closing = rules["rules"][0]
        self.assertEqual((closing["action"], closing["enabled"]), ("block", True))
        self.assertEqual(
            closing["expression"],
            'http.host eq "releases.staging.example.com" and cf.worker.upstream_zone ne "staging.example.com"',
        )
        module = self.plan["configuration"]["root_module"]["module_calls"]["r2"]
        self.assertIn("module.edge.firewall", module["expressions"]["closed_by"]["references"])

    def test_the_edge_has_no_key(self) -> None:
        [version] = plan.resources(self.plan, "cloudflare_worker_version")
        bindings = {one["name"]: one for one in version["bindings"]}
        self.assertEqual({name for name in bindings if "S3" in name}, set())
        self.assertEqual(
            json.loads(bindings["NADA_ORIGINS"]["text"]),
            [{"endpoint": "https://releases.staging.example.com", "near": []}],
        )


if __name__ == "__main__":
    unittest.main()
