"""The inputs and outputs of each module, as its README.md lists them from "## Inputs" on.

usage: docs.py      writes the lists anew, from variables.tf and outputs.tf
"""

from __future__ import annotations

import re
from pathlib import Path

import hcl2

MODULES = Path(__file__).resolve().parents[1] / "modules"
HEADING = "## Inputs\n"


def plain(value: object) -> str:
    """A value of hcl2's as one line of text."""
    text = str(value).strip()
    if heredoc := re.fullmatch(r'"?<<-?(\w+)\n(.*)\n\s*\1"?', text, re.DOTALL):
        text = heredoc[2]
    return " ".join(text.strip('"').split())


def blocks(path: Path, kind: str) -> dict[str, dict]:
    """The variables, or the outputs, that a file declares."""
    with path.open() as file:
        found = hcl2.load(file).get(kind, [])
    return {name.strip('"'): body for one in found for name, body in one.items() if not name.startswith("__")}


def shortened(text: str) -> str:
    """A type or a default as a table's cell takes it."""
    text = text.replace("${", "").removesuffix("}") if text.startswith("${") else text
    return text.replace("|", "\\|")


def lists(module: Path) -> str:
    """What follows the heading in the module's README."""
    lines = ["", "| input | | default |", "|---|---|---|"]
    for name, body in sorted(blocks(module / "variables.tf", "variable").items()):
        default = f"`{literal(body['default'])}`" if "default" in body else "required"
        lines.append(f"| `{name}` | {shortened(plain(body['description']))} | {default} |")
    lines += ["", "## Outputs", "", "| output | |", "|---|---|"]
    for name, body in sorted(blocks(module / "outputs.tf", "output").items()):
        lines.append(f"| `{name}` | {shortened(plain(body['description']))} |")
    return "\n".join(lines) + "\n"


def literal(value: object) -> str:
    """A default in Terraform's language, where it is short."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{…}" if any(not name.startswith("__") for name in value) else "{}"
    if isinstance(value, list):
        return "[]" if not value else "[…]"
    return str(value)


def written(module: Path) -> str:
    """The README as it should be."""
    text, heading, _ = (module / "README.md").read_text().partition(HEADING)
    return text + (heading or HEADING) + lists(module)


def modules() -> list[Path]:
    return sorted(path.parent for path in MODULES.glob("*/variables.tf"))


if __name__ == "__main__":
    for each in modules():
        (each / "README.md").write_text(written(each))
