"""Shapes: which keys an object literal may have, and the shapes of their values.

A shape is made of a provider's schema (`terraform providers schema -json`) or of a variable's type.
"""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token, Tree


@dataclass(frozen=True)
class Shape:
    """An object with these keys, or a map of such objects. A value without a shape may be anything."""

    keys: dict[str, Shape | None]
    is_map: bool = False


def of_block(block: dict) -> Shape:
    """The shape of a resource's or a block's body. Only what holds nested attributes has a shape inside: unknown
    arguments and blocks are found by Terraform itself."""
    keys = {name: of_attribute(attribute) for name, attribute in block.get("attributes", {}).items()}
    keys |= {name: of_block(inner["block"]) for name, inner in block.get("block_types", {}).items()}
    return Shape(keys)


def of_attribute(attribute: dict) -> Shape | None:
    nested = attribute.get("nested_type")
    if nested is None:
        return None
    keys = {name: of_attribute(inner) for name, inner in nested.get("attributes", {}).items()}
    return Shape(keys, is_map=nested["nesting_mode"] == "map")


def of_type(expression: Tree) -> Shape | None:
    """The shape of a variable's type: list, set, map, optional and object are understood, others have none."""
    call = first(expression, "function_call")
    if call is None:
        return None
    name = text(call.children[0])
    argument = first(first(call, "arguments"), "expr_term")
    if name == "object":
        elements = elements_of(first(argument, "object"))
        return Shape({key: of_type(value) for key, _, value in elements if key is not None})
    inner = of_type(argument) if name in {"list", "set", "map", "optional"} else None
    return Shape(inner.keys, is_map=True) if inner and name == "map" else inner


def first(tree: Tree, rule: str) -> Tree | None:
    """The first child made by that rule."""
    return next((child for child in tree.children if isinstance(child, Tree) and child.data == rule), None)


def text(tree: Tree | Token) -> str:
    """The tokens of a tree, one after another."""
    return str(tree) if isinstance(tree, Token) else "".join(text(child) for child in tree.children)


def elements_of(literal: Tree) -> list[tuple[str | None, int, Tree]]:
    """Of an object literal: each key, None where it is computed, the key's line, and the value."""
    found = []
    for element in literal.children:
        if isinstance(element, Tree) and element.data == "object_elem":
            trees = [child for child in element.children if isinstance(child, Tree)]
            key, value = trees[0], trees[-1]
            name = text(key).strip().strip('"')
            token = next(iter(key.scan_values(lambda token: isinstance(token, Token))))
            found.append((None if "(" in name or "${" in name else name, token.line, value))
    return found
