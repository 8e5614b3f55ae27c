"""python3 -m unittest discover infra/cost"""

import tomllib
import unittest
from pathlib import Path
from unittest import mock

import cost

HERE = Path(__file__).parent


def assumptions():
    return tomllib.loads((HERE / "assumptions.toml").read_text())


class Cost(unittest.TestCase):
    def test_the_readme_shows_what_is_computed(self):
        readme = (HERE / "README.md").read_text()
        for shown in (cost.table, cost.per_million, cost.sources):
            self.assertIn(shown(assumptions()), readme)

    def test_every_price_names_its_source_and_when_it_was_read(self):
        a = assumptions()
        priced = {name for name, _, _ in cost.priced(a)}
        for name, values in {**a, **{f"s3.{country}": s3 for country, s3 in a["s3"].items()}}.items():
            if any(key.startswith(("per_", "storage_", "transfer_")) for key in values):
                self.assertIn(name, priced)
        for name, source, read in cost.priced(a):
            self.assertRegex(source, "^https://", name)
            self.assertRegex(read, r"^20\d\d(-\d\d)?$", name)

    def test_what_is_not_cached_is_paid_for_at_every_request(self):
        a = assumptions()
        kinds = cost.month(a, 100e6)["kinds"]
        self.assertGreater(kinds["*compared:* R2 through its S3 endpoint"], 2 * kinds["R2"])
        a["r2"]["uncached_gets"] = 0
        self.assertLess(cost.month(a, 100e6)["kinds"]["*compared:* R2 through its S3 endpoint"], kinds["R2"])

    def test_a_contract_that_is_known_is_in_the_sums_of_s3(self):
        a, known = assumptions(), assumptions()
        known["enterprise"]["per_month"] = 5000.0
        less, more = cost.month(a, 1e6), cost.month(known, 1e6)
        self.assertAlmostEqual(more["kinds"]["S3"] - less["kinds"][f"S3{cost.UNKNOWN}"], 5000.0)
        self.assertEqual(more["kinds"]["R2"], less["kinds"]["R2"])
        self.assertIn("| negotiated |", cost.table(a))
        self.assertIn("which music from S3 asks for | $5,000 |", cost.table(known))

    def test_what_is_not_told_of_is_not_paid_for(self):
        a, every = assumptions(), assumptions()
        every["workers"]["sampling"] = 1
        row = "Workers: requests, CPU, log, Analytics Engine"
        less, more = (cost.month(one, 100e6)["dollars"][row] for one in (a, every))
        # at a hundred million plays more than half of the bill would be points and lines
        self.assertGreater(more, 2 * less)

    def test_watching_costs_the_same_however_much_is_played(self):
        a = assumptions()
        rows = [cost.month(a, count)["dollars"]["logs, metrics, alarms, canary"] for count in (1e6, 100e6)]
        self.assertEqual(rows[0], rows[1])
        more = assumptions()
        more["cloudwatch"]["alarms"] += 10
        self.assertAlmostEqual(cost.watched(more) - cost.watched(a), 1.0)

    def test_archived_masters_are_cheaper(self):
        a, later = assumptions(), assumptions()
        later["catalogue"]["archived_after_days"] = 36500
        row = "S3 storage of masters, archived, with old versions, in two regions"
        self.assertLess(cost.month(a, 1e6)["dollars"][row], cost.month(later, 1e6)["dollars"][row])

    def test_gigabytes_are_priced_by_their_tiers(self):
        tiers = [[10, 1.0], [30, 0.5], [float("inf"), 0.1]]
        self.assertAlmostEqual(cost.tiered(5, tiers), 5.0)
        self.assertAlmostEqual(cost.tiered(30, tiers), 20.0)
        self.assertAlmostEqual(cost.tiered(130, tiers), 30.0)

    def test_the_readme_shows_the_hit_ratios(self):
        self.assertIn(cost.ratios(assumptions()), (HERE / "README.md").read_text())

    def test_shares_of_popularity_make_one(self):
        for tracks, exponent in [(1, 0.8), (1000, 0.0), (200_000, 0.8), (200_000, 1.2)]:
            groups = cost.popularity(tracks, exponent)
            self.assertEqual(sum(count for count, _ in groups), tracks)
            self.assertAlmostEqual(sum(count * share for count, share in groups), 1.0)
            self.assertEqual(
                [share for _, share in groups], sorted((share for _, share in groups), reverse=True)
            )
        self.assertAlmostEqual(cost.popularity(1000, 0.0)[0][1], 1 / 1000)

    def test_misses_are_the_pauses_that_last_longer(self):
        self.assertEqual(cost.miss_ratio(0.0, 1.0), 1.0)
        self.assertEqual(cost.miss_ratio(10.0, 0.0), 1.0)
        self.assertAlmostEqual(cost.miss_ratio(1.0, 1.0), 0.3679, 4)
        self.assertLess(cost.miss_ratio(100.0, 1.0), 1e-9)

    def test_more_plays_make_a_higher_hit_ratio(self):
        a = assumptions()
        ratios = [cost.hit_ratio(a, 10**power) for power in range(2, 11)]
        self.assertEqual(ratios, sorted(ratios))
        self.assertTrue(all(0 < ratio < 1 for ratio in ratios))
        # a play of a song that nobody else plays reads each part once, and asks for it segment by segment
        parts = sum(r["share"] * cost.parts_of(a, r["kbits"])[0] for r in a["renditions"].values())
        self.assertAlmostEqual(ratios[0], 1 - parts / cost.per_play(a)["media"], 3)
        self.assertGreater(ratios[-1], 0.999)

    def test_what_helps_a_cache(self):
        a = assumptions()

        def ratio(**cache):
            return cost.hit_ratio(a | {"cache": a["cache"] | cache}, 10e6)

        self.assertLess(ratio(kept_days=0), ratio(kept_days=1))
        self.assertLess(ratio(kept_days=1), ratio(kept_days=2))
        self.assertGreater(ratio(upper_tiers=1), ratio(upper_tiers=2))
        self.assertLess(ratio(zipf_exponent=0.0), ratio(zipf_exponent=1.0))

    def test_neighbours_may_stand_for_one_another(self):
        a = assumptions()
        a["catalogue"]["tracks"] = 5000
        grouped = cost.hit_ratio(a, 1e6)
        weights = [rank**-0.8 for rank in range(1, 5001)]
        one_by_one = [(1, weight / sum(weights)) for weight in weights]
        with mock.patch.object(cost, "popularity", return_value=one_by_one):
            self.assertAlmostEqual(cost.hit_ratio(a, 1e6), grouped, 4)

    def test_a_better_cache_saves_requests_and_egress_alone(self):
        worse, better = assumptions(), assumptions()
        better["cache"]["kept_days"] = 365
        worse, better = (cost.month(a, 10e6)["dollars"] for a in (worse, better))
        self.assertEqual([row for row in better if better[row] and better[row] > worse[row]], [])
        cheaper = [row.lstrip("*") for row in better if better[row] and better[row] < worse[row]]
        self.assertEqual([row[:9] for row in cheaper], ["S3 reques", "S3 egress", "all, with", "all, with"])

    def test_old_versions_are_paid_for(self):
        less, more = assumptions(), assumptions()
        less["catalogue"]["old_versions_days"] = 0
        less, more = (cost.month(a, 1e6)["dollars"] for a in (less, more))
        dearer = [row for row in more if more[row] and more[row] > less[row]]
        self.assertEqual(len([row for row in dearer if "with old versions" in row]), 2)

    def test_parts_are_read_whole(self):
        a = assumptions()
        # 210 s at 33 kbit/s are one part, at 258 kbit/s two, of which 70 % touch both
        self.assertEqual(cost.parts_of(a, 33.0), (1, 866_250.0))
        self.assertEqual(cost.parts_of(a, 258.0), (2, 6_772_500.0))
        a["listening"]["listened"] = 0.5
        self.assertEqual(cost.parts_of(a, 258.0), (1, 4_194_304))

    def test_an_origin_is_asked_for_no_more_than_the_parts_that_were_played(self):
        a = assumptions()
        whole = sum(r["share"] * cost.parts_of(a, r["kbits"])[1] for r in a["renditions"].values())
        for plays in a["listening"]["plays"]:
            for country, share in a["listening"]["share"].items():
                media, reads, gigabytes = cost.misses(a, country, plays)
                self.assertLess(media, plays * share * cost.per_play(a)["media"])
                self.assertLess(media, reads)
                self.assertLess(
                    gigabytes,
                    plays * share * whole / cost.GIGABYTE + plays * share * 3e-6,
                )

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
