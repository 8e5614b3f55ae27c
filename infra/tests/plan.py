"""A plan as data: the resources that it would make."""

from __future__ import annotations

import json
import os
from pathlib import Path


def read(variable: str = "NADA_PLAN") -> dict:
    """What `terraform show -json` says of the plan, or the state, that a variable names."""
    return json.loads(Path(os.environ[variable]).read_text())


def resources(plan: dict, kind: str) -> list[dict]:
    """The planned values of all resources of a type, in whatever module."""
    found, modules = [], [plan["planned_values"]["root_module"]]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        found += [resource["values"] for resource in module.get("resources", []) if resource["type"] == kind]
    return found
