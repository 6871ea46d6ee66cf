"""Runs inside a vLLM environment: answers command lines with the real `vllm serve` parser.

python vllm_parser.py [SOURCE]    SOURCE: an unpacked release; without it the installed one
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.heavy.argparse_oracle import answer, hollow

PARSERS = (
    "vllm.entrypoints.common.cli_args",
    "vllm.entrypoints.launchers.cli_args",
    "vllm.entrypoints.openai.cli_args",
)
FLEXIBLE = ("vllm.utils.argparse_utils", "vllm.utils")


def first(names: tuple[str, ...], attribute: str) -> Any:
    trouble: list[str] = []
    for name in names:
        try:
            return getattr(importlib.import_module(name), attribute)
        except (ModuleNotFoundError, AttributeError) as error:
            trouble.append(f"{name}: {error}")
    raise SystemExit("\n".join(trouble))


def lend_a_version(source: str) -> None:
    """A bare source tree has no generated version file."""
    sys.path.insert(0, source)
    stub = ModuleType("vllm._version")
    stub.__dict__.update(__version__="0", __version_tuple__=(0, 0), version="0", version_tuple=(0, 0))
    sys.modules["vllm._version"] = stub


def allow_configs_twice() -> None:
    """Old releases register model configurations that today's transformers already has."""
    configuration_auto = importlib.import_module("transformers.models.auto.configuration_auto")

    mapping = type(configuration_auto.CONFIG_MAPPING)
    real = mapping.register
    mapping.register = lambda self, key, value, exist_ok=False: real(self, key, value, exist_ok=True)


def serve_parser(flexible: Any, make_arg_parser: Any) -> ArgumentParser:
    """What `vllm serve` builds: its own method runs, but not the server that stands in the same file."""
    package = Path(next(iter(importlib.import_module("vllm").__path__)))
    tree = ast.parse((package / "entrypoints/cli/serve.py").read_text())
    method = next(
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "subparser_init"
    )
    method.returns, method.decorator_list = None, []
    for argument in method.args.args:
        argument.annotation = None
    module = ast.Module([method], type_ignores=[])
    code = compile(ast.fix_missing_locations(module), "serve.py", "exec")
    names = {name: hollow(name) for name in code.co_consts[0].co_names}
    names.update(make_arg_parser=make_arg_parser, DESCRIPTION="", VLLM_SUBCMD_PARSER_EPILOG="")
    scope = {key: value for key, value in names.items() if key not in vars(__builtins__)}
    exec(code, scope)
    this = hollow("ServeSubcommand")
    this.name = "serve"
    made: ArgumentParser = scope["subparser_init"](this, flexible(prog="vllm").add_subparsers())
    made.prog = "vllm serve"
    return made


def main() -> None:
    out, sys.stdout = sys.stdout, sys.stderr  # vLLM logs while it is imported
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "CRITICAL")
    if len(sys.argv) > 1:
        lend_a_version(sys.argv[1])
    real = importlib.metadata.version
    importlib.metadata.version = lambda distribution_name: (  # the CPU platform
        "0+cpu" if distribution_name == "vllm" else real(distribution_name)
    )
    allow_configs_twice()
    flexible = first(FLEXIBLE, "FlexibleArgumentParser")
    answer(serve_parser(flexible, first(PARSERS, "make_arg_parser")), out)


if __name__ == "__main__":
    main()
