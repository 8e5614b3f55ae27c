"""What is deployed runs one exact version of each provider; a module takes any that its callers may pin."""

import re
import unittest
from pathlib import Path

import hcl2

INFRA = Path(__file__).resolve().parents[1]


def versions(path: Path) -> dict[str, str]:
    """The constraint on each provider that a folder's versions.tf states."""
    with path.open() as file:
        [terraform] = hcl2.load(file)["terraform"]
    [providers] = terraform["required_providers"]
    return {
        name: asked.get("version", asked.get('"version"')).strip('"')
        for name, asked in providers.items()
        if not name.startswith("__")
    }


def number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


class Versions(unittest.TestCase):
    def test_roots_pin_exactly(self) -> None:
        roots = sorted(INFRA.glob("*/versions.tf"))
        self.assertGreaterEqual(len(roots), 2)
        for root in roots:
            for provider, version in versions(root).items():
                self.assertRegex(version, r"^\d+\.\d+\.\d+$", provider)

    def test_modules_take_what_roots_pin(self) -> None:
        pinned = versions(next(INFRA.glob("live/versions.tf")))
        modules = sorted(INFRA.glob("modules/*/versions.tf"))
        self.assertTrue(modules)
        for module in modules:
            for provider, version in versions(module).items():
                with self.subTest(module.parent.name, provider=provider):
                    bounds = re.fullmatch(r">= (\d+\.\d+\.\d+), < (\d+\.\d+\.\d+)", version)
                    self.assertIsNotNone(bounds, version)
                    least, beyond = map(number, bounds.groups())
                    self.assertTrue(least <= number(pinned[provider]) < beyond, version)


if __name__ == "__main__":
    unittest.main()
