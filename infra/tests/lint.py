"""Finds misspelt keys inside object literals, which Terraform drops without a word.

usage: lint.py SCHEMAS FOLDER

SCHEMAS is what `terraform providers schema -json` prints, FOLDER holds the modules. Looked into are the nested attributes
of resources, the arguments of modules, the defaults of variables, and the variables of tests.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import hcl2
from lark import Token, Tree
from shapes import Shape, elements_of, first, of_block, of_type, text

Finding = tuple[Path, int, str]


def resources(schemas: dict) -> dict[str, Shape]:
    """The shape of each resource type."""
    return {
        name: of_block(schema["block"])
        for provider in schemas["provider_schemas"].values()
        for name, schema in provider["resource_schemas"].items()
    }


def lint(shapes: dict[str, Shape], folder: Path) -> list[Finding]:
    """What is wrong in the modules below the folder."""
    paths = sorted([*folder.rglob("*.tf"), *folder.rglob("*.tftest.hcl")])
    files = {path: hcl2.parses_to_tree(path.read_text()) for path in paths if ".terraform" not in path.parts}
    variables = {path.parent.resolve(): Shape({}) for path in files}
    for path, tree in files.items():
        variables[path.parent.resolve()].keys.update(variables_of(tree))
    found: list[Finding] = []
    for path, tree in files.items():
        folder_of = path.parent.parent if path.name.endswith(".tftest.hcl") else path.parent
        for line, message in file(tree, shapes, variables, folder_of.resolve()):
            found.append((path, line, message))
    return found


def variables_of(tree: Tree) -> dict[str, Shape | None]:
    """The variables that a file declares, and their shapes."""
    found = {}
    for labels, body in blocks(first(tree, "body")):
        if labels[0] == "variable":
            declared = {name: value for name, _, value in attributes(body)}
            found[labels[1]] = of_type(declared["type"]) if "type" in declared else None
    return found


def file(
    tree: Tree, shapes: dict[str, Shape], variables: dict[Path, Shape], here: Path
) -> Iterator[tuple[int, str]]:
    """What is wrong in one file of the module `here`."""
    for labels, body in blocks(first(tree, "body")):
        match labels:
            case ["resource", kind, _]:
                if kind in shapes:
                    yield from block(body, shapes[kind], kind)
                else:
                    yield (0, f"{kind} is in no provider's schema")
            case ["variable", name]:
                yield from values(body, {"default": variables[here].keys[name]}, f"variable {name}")
            case ["module", name]:
                source = next(text(value).strip('"') for key, _, value in attributes(body) if key == "source")
                yield from values(body, variables[(here / source).resolve()].keys, f"module {name}")
            case ["variables"]:
                yield from values(body, variables[here].keys, "variables")
            case ["run", name]:
                for inner, inner_body in blocks(body):
                    if inner == ["variables"]:
                        yield from values(inner_body, variables[here].keys, f"run {name}")


def values(body: Tree, keys: dict[str, Shape | None], where: str) -> Iterator[tuple[int, str]]:
    """What is wrong in the attributes of a body that have shapes."""
    for name, _, value in attributes(body):
        if shape := keys.get(name):
            yield from expression(value, shape, f"{where}.{name}")


def block(body: Tree, shape: Shape, where: str) -> Iterator[tuple[int, str]]:
    """What is wrong in a resource's or a block's nested attributes."""
    for name, line, value in attributes(body):
        if inner := shape.keys.get(name):
            if not is_empty(value) and next(value.find_data("object"), None) is None:
                yield (line, f"{where}.{name}: write the object out here, so that its keys can be checked")
            yield from expression(value, inner, f"{where}.{name}")
    for labels, inner_body in blocks(body):
        if labels[0] == "dynamic":
            labels, inner_body = (
                [labels[1]],
                next(b for inner, b in blocks(inner_body) if inner == ["content"]),
            )
        if inner := shape.keys.get(labels[0]):
            yield from block(inner_body, inner, f"{where}.{labels[0]}")


def expression(tree: Tree | Token, shape: Shape, where: str) -> Iterator[tuple[int, str]]:
    """What is wrong in the outermost object literals of an expression, and inside them."""
    if isinstance(tree, Token):
        return
    if tree.data != "object":
        for child in tree.children:
            yield from expression(child, shape, where)
        return
    for key, line, value in elements_of(tree):
        if shape.is_map:
            yield from expression(value, Shape(shape.keys), f"{where}[{key}]")
        elif key is None:
            yield (line, f"{where}: a computed key cannot be checked")
        elif key not in shape.keys:
            yield (line, f"{where} has no key {key}; it has {', '.join(sorted(shape.keys))}")
        elif inner := shape.keys[key]:
            yield from expression(value, inner, f"{where}.{key}")


def is_empty(value: Tree) -> bool:
    return text(value) in {"null", "[]", "{}"}


def blocks(body: Tree) -> list[tuple[list[str], Tree]]:
    """The blocks of a body: type and labels, and the block's own body."""
    found = []
    for child in body.children:
        if isinstance(child, Tree) and child.data == "block":
            labels = [
                text(part).strip('"')
                for part in child.children
                if isinstance(part, Tree) and part.data in {"identifier", "string"}
            ]
            found.append((labels, first(child, "body")))
    return found


def attributes(body: Tree) -> list[tuple[str, int, Tree]]:
    """The attributes of a body: name, line and value."""
    found = []
    for child in body.children:
        if isinstance(child, Tree) and child.data == "attribute":
            name = child.children[0].children[0]
            found.append((str(name), name.line, child.children[-1]))
    return found


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    schemas, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    found = lint(resources(schemas), folder)
    for path, line, message in found:
        print(f"{path.relative_to(folder)}:{line}: {message}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
