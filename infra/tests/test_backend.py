"""The state of an environment: in a place of its own, encrypted, and locked while it changes; and its values beside it. Checks
replace the backend, so nothing else would notice."""

import unittest
from pathlib import Path

import hcl2

ENVIRONMENTS = Path(__file__).resolve().parents[1] / "live" / "environments"


class Backend(unittest.TestCase):
    def test_each_environment(self) -> None:
        states = set()
        for path in sorted(ENVIRONMENTS.glob("*.tfvars")):
            environment = path.stem
            with self.subTest(environment):
                with path.open() as file:
                    self.assertEqual(hcl2.load(file)["environment"], f'"{environment}"')
                with (ENVIRONMENTS / f"{environment}.s3.tfbackend").open() as file:
                    s3 = hcl2.load(file)
                self.assertEqual(s3["key"], f'"nada/{environment}/terraform.tfstate"')
                self.assertIs(s3["encrypt"], True)
                self.assertIs(s3["use_lockfile"], True)
                states.add((s3["bucket"], s3["key"]))
        self.assertGreaterEqual(len(states), 2)
        self.assertEqual(len(states), len(list(ENVIRONMENTS.glob("*.s3.tfbackend"))))


if __name__ == "__main__":
    unittest.main()
