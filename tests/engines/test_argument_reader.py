"""Methods are looked for upwards, as Python does, and `super()` begins above the class that holds the method."""

from __future__ import annotations

import ast

from mmcompose.engines.learn.argument_reader import ArgumentReader, Fields
from mmcompose.engines.learn.source_tree import Definition, SourceTree

CLASSES = """
from other import Base

class Middle(Base):
    @classmethod
    def _customize_cli_kwargs(cls, frontend_kwargs):
        frontend_kwargs["port"]["default"] = 2
        return super()._customize_cli_kwargs(frontend_kwargs)

class Lower(Middle):
    pass

class Asked(Lower):
    @classmethod
    def _customize_cli_kwargs(cls, frontend_kwargs):
        frontend_kwargs["host"]["default"] = "here"
        return super()._customize_cli_kwargs(frontend_kwargs)
"""
OTHER = """
class Base:
    @classmethod
    def add_cli_args(cls, parser):
        frontend_kwargs = get_kwargs(cls)
        frontend_kwargs = cls._customize_cli_kwargs(frontend_kwargs)
        for key, value in frontend_kwargs.items():
            parser.add_argument(f"--{key}", **value)

    @classmethod
    def _customize_cli_kwargs(cls, frontend_kwargs):
        frontend_kwargs["port"]["nargs"] = "+"
        return frontend_kwargs
"""


def read(*texts: str) -> tuple[dict[str, object], list[str]]:
    """What `Asked` takes, and the classes whose fields were asked for."""
    tree = SourceTree(dict(zip(("here.py", "other.py"), texts, strict=False)))
    requested: list[str] = []

    def kwargs_of(found: Definition) -> Fields:
        assert isinstance(found.node, ast.ClassDef)
        requested.append(found.node.name)
        return {"host": {}, "port": {"shape": {"kind": "int"}}}

    reader = ArgumentReader(tree, kwargs_of)
    owner = tree.find("here", "Asked")
    assert owner
    reader.method(owner, "add_cli_args")
    return dict(reader.flags), requested


def test_a_method_and_super_are_found_above_a_class_that_has_neither() -> None:
    flags, requested = read(CLASSES, OTHER)
    assert flags == {"host": {"kind": "str", "default": "here"}, "port": {"kind": "int", "many": "+", "default": 2}}
    assert requested == ["Asked"], "cls is still the class that was asked"


def test_bases_that_run_in_a_circle_end() -> None:
    assert read("class Asked(Other): pass\nclass Other(Asked): pass\n") == ({}, [])
