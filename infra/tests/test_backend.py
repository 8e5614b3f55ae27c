"""The state of an environment: in a place of its own, encrypted, and locked while it changes. Checks replace the backend, so
nothing else would notice."""

import unittest
from pathlib import Path

import hcl2

LIVE = Path(__file__).resolve().parents[1] / "live"


class Backend(unittest.TestCase):
    def test_each_environment(self) -> None:
        for environment in ("staging", "production"):
            with self.subTest(environment), (LIVE / environment / "versions.tf").open() as file:
                [terraform] = hcl2.load(file)["terraform"]
                [backend] = terraform["backend"]
                s3 = backend['"s3"']
                self.assertEqual(s3["key"], f'"nada/{environment}/terraform.tfstate"')
                self.assertIs(s3["encrypt"], True)
                self.assertIs(s3["use_lockfile"], True)


if __name__ == "__main__":
    unittest.main()
