"""python3 -m unittest discover infra/cost"""

import tomllib
import unittest
from pathlib import Path

import cost

HERE = Path(__file__).parent


def assumptions():
    return tomllib.loads((HERE / "assumptions.toml").read_text())


class Cost(unittest.TestCase):
    def test_the_readme_shows_what_is_computed(self):
        self.assertIn(cost.table(assumptions()), (HERE / "README.md").read_text())

    def test_gigabytes_are_priced_by_their_tiers(self):
        tiers = [[10, 1.0], [30, 0.5], [float("inf"), 0.1]]
        self.assertAlmostEqual(cost.tiered(5, tiers), 5.0)
        self.assertAlmostEqual(cost.tiered(30, tiers), 20.0)
        self.assertAlmostEqual(cost.tiered(130, tiers), 30.0)

    def test_a_better_cache_saves_egress_alone(self):
        worse, better = assumptions(), assumptions()
        better["cache"]["hit_ratio"] = {"India": 1.0, "Indonesia": 1.0}
        worse, better = (cost.month(a, 10e6)["dollars"] for a in (worse, better))
        egress = next(row for row in better if "egress**" in row)
        self.assertEqual(better[egress], 0.0)
        self.assertLess(better["**all, with S3 as origins**"], worse["**all, with S3 as origins**"])
        self.assertEqual(better["Workers: requests, CPU, Analytics Engine"], worse["Workers: requests, CPU, Analytics Engine"])

    def test_contradictions_are_refused(self):
        wrong = assumptions()
        wrong["renditions"]["aac-128"]["share"] = 0.9
        with self.assertRaisesRegex(ValueError, "renditions make 1.450"):
            cost.check(wrong)
        wrong = assumptions()
        wrong["listening"]["share"] = {"India": 1.0}
        with self.assertRaisesRegex(ValueError, "same countries"):
            cost.check(wrong)


if __name__ == "__main__":
    unittest.main()
