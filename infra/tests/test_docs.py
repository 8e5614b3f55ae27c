"""Each module's README lists its inputs and outputs as they are, and its example is valid."""

import re
import unittest

import docs
import hcl2


class Docs(unittest.TestCase):
    def test_every_module_is_documented(self) -> None:
        self.assertGreaterEqual(len(docs.modules()), 4)
        for module in docs.modules():
            with self.subTest(module.name):
                readme = (module / "README.md").read_text()
                self.assertEqual(readme, docs.written(module), "run infra/tests/docs.py")

    def test_examples_give_what_is_required_and_nothing_unknown(self) -> None:
        for module in docs.modules():
            with self.subTest(module.name):
                [example] = re.findall(r"```hcl\n(.*?)```", (module / "README.md").read_text(), re.DOTALL)
                [call] = hcl2.loads(example)["module"]
                [given] = (body for name, body in call.items() if not name.startswith("__"))
                given = {name for name in given if not name.startswith("__")}
                declared = docs.blocks(module / "variables.tf", "variable")
                required = {name for name, body in declared.items() if "default" not in body}
                self.assertEqual(required - given, set(), "the example lacks what is required")
                self.assertEqual(given - {"source", *declared}, set(), "the example has what there is not")


if __name__ == "__main__":
    unittest.main()
