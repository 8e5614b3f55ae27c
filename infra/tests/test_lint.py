"""The lint finds what Terraform drops, and nothing in what is right."""

import tempfile
import unittest
from pathlib import Path

from lint import lint, resources

ATTRIBUTE = {"type": "string", "optional": True}
LOGS = {
    "nested_type": {
        "nesting_mode": "single",
        "attributes": {"enabled": ATTRIBUTE, "invocation_logs": ATTRIBUTE},
    }
}
SCHEMAS = {
    "provider_schemas": {
        "example": {
            "resource_schemas": {
                "worker": {
                    "block": {
                        "attributes": {
                            "name": ATTRIBUTE,
                            "tags": {"type": ["map", "string"], "optional": True},
                            "observability": {
                                "nested_type": {
                                    "nesting_mode": "single",
                                    "attributes": {"enabled": ATTRIBUTE, "logs": LOGS},
                                }
                            },
                            "email": {
                                "nested_type": {"nesting_mode": "set", "attributes": {"id": ATTRIBUTE}}
                            },
                            "zones": {
                                "nested_type": {"nesting_mode": "map", "attributes": {"id": ATTRIBUTE}}
                            },
                        },
                        "block_types": {
                            "rule": {"nesting_mode": "list", "block": {"attributes": {"logs": LOGS}}}
                        },
                    }
                }
            }
        }
    }
}
ORIGINS = (
    'variable "origins" {\n  type = list(object({ region = string, near = optional(set(string), []) }))\n}\n'
)


class Lint(unittest.TestCase):
    def found(self, files: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
            return [
                f"{path.name}:{line}: {message}"
                for path, line, message in lint(resources(SCHEMAS), Path(folder))
            ]

    def resource(self, body: str) -> list[str]:
        return self.found({"m/main.tf": f'resource "worker" "a" {{\n{body}\n}}\n'})

    def test_what_is_right(self):
        self.assertEqual(
            self.resource(
                'tags = { any = "key" }\nobservability = { enabled = true, logs = { "invocation_logs" = false } }'
            ),
            [],
        )
        self.assertEqual(
            self.resource("email = [for e in sort(var.emails) : { id = e }]\nobservability = null"), []
        )
        self.assertEqual(
            self.resource('zones = { any = { id = "a" } }\nrule {\n  logs = { enabled = true }\n}'), []
        )

    def test_a_nested_key(self):
        self.assertEqual(
            self.resource("observability = {\n  enabled = true\n  logs = { invocation_log = false }\n}"),
            [
                "main.tf:4: worker.observability.logs has no key invocation_log; it has enabled, invocation_logs"
            ],
        )

    def test_inside_loops_conditions_calls_and_maps(self):
        for body in [
            "email = [for e in var.emails : { i = e }]",
            'email = var.x ? [{ i = "a" }] : []',
            'email = concat([{ id = "a" }], [{ i = "b" }])',
            'zones = { any = { i = "a" } }',
            "rule {\n  logs = { on = true }\n}",
            'dynamic "rule" {\n  for_each = []\n  content {\n    logs = { on = true }\n  }\n}',
            "observability = { (var.key) = true }",
        ]:
            with self.subTest(body):
                self.assertEqual(len(self.resource(body)), 1)

    def test_what_cannot_be_looked_into(self):
        self.assertEqual(len(self.resource("observability = local.observability")), 1)
        self.assertEqual(len(self.found({"m/main.tf": 'resource "wroker" "a" {\n}\n'})), 1)

    def test_variables_modules_and_tests(self):
        right = '[{ region = "a", near = ["b"] }, { region = "c" }]'
        wrong = '[{ region = "a", naer = ["b"] }]'
        for value, expected in [(right, 0), (wrong, 1)]:
            files = {
                "default/variables.tf": ORIGINS.replace("\n}", f"\n  default = {value}\n}}"),
                "caller/main.tf": f'module "m" {{\n  source  = "../m"\n  origins = {value}\n}}\n',
                "m/tests/m.tftest.hcl": f'variables {{\n  origins = {value}\n}}\nrun "a" {{\n  variables {{\n    origins = {value}\n  }}\n}}\n',
                "m/variables.tf": ORIGINS,
            }
            self.assertEqual(len(self.found(files)), 4 * expected)


if __name__ == "__main__":
    unittest.main()
