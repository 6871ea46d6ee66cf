"""The rules for names, read from the syntax tree: each takes one file's source and yields what breaks the rule."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.architecture.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SPEECH = {"said", "told", "asked", "heard", "word", "words"}

READ_ELSEWHERE: Mapping[str, set[str]] = {
    "mmcompose.bench.run.measuring": {"words"},
    "mmcompose.core.render.arguments": {"words"},
    "mmcompose.engines.flags.history": {"words"},
    "mmcompose.engines.flags.values": {"words"},
    "benchmarks.client.small_tokenizer": {"WordLevel"},
    "services.eval.app.mmeval.ifeval.rules": {"forbidden_words", "num_words", "first_word"},  # names of the data set
    "services.eval.app.mmeval.ifeval.texts": {"word_tokenize"},
    "tests.cli.test_completion": {"COMP_WORDS"},
    "tests.cli.test_words": {"test_words"},
    "tests.heavy.vllm.weights": {"tie_word_embeddings"},
    "tests.standin.test_lines": {"words"},
    "tests.standin.test_serving": {"last_words", "words"},
    "tests.test_slots": {"words"},
}
"""Names that must stay: templates of projects read `argument.words`, `words` is a key of the flag histories, and
others belong to libraries, to a shell, to the stand-in's image, or to scripts that run a test by its file."""

RIDDLES = {"Such", "That", "Those", "What", "Whatever", "Who", "Whoever", "Whom"}
"""First words after which a reader has to guess the subject."""

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def empty_names(_module: str, source: str) -> Iterator[str]:
    """Class names that say nothing about what the thing is."""
    for node in nodes(source):
        if isinstance(node, ast.ClassDef) and node.name.lower().endswith(
            ("manager", "handler", "utils", "helper", "base")
        ):
            yield f"line {node.lineno}: {node.name} says nothing about what it is"


def names_for_speech(module: str, source: str) -> Iterator[str]:
    """Names such as `told_of`, `nothing_said` and `Words`: they hide whether a value is set, reported or requested."""
    file = module.rpartition(".")[2]
    if _is_speech(file) and file not in READ_ELSEWHERE.get(module, set()):
        yield f"{file}.py: name the file after what is in it"
    for node in nodes(source):
        for name in _names(node):
            if _is_speech(name) and name not in READ_ELSEWHERE.get(module, set()):
                line = getattr(node, "lineno", 0)
                yield f"line {line}: {name} is a name for speech; say what the thing is: set, reported, requested, text"


def riddles(_module: str, source: str) -> Iterator[str]:
    """Docstrings that begin with a pronoun."""
    for node in nodes(source):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node) or ""
            if text.partition(" ")[0] in RIDDLES:
                yield f"{getattr(node, 'name', 'the file')}: name the subject, or say what it does: {text[:40]}"


def shared_names(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Class names that two modules use, so that a reader of one thinks of the other."""
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for module, source in sources.items():
        for node in nodes(source):
            if isinstance(node, ast.ClassDef):
                owners[node.name].append(module)
    return {name: modules for name, modules in owners.items() if len(modules) > 1}


def _is_speech(name: str) -> bool:
    return not SPEECH.isdisjoint(_CAPITAL.sub("_", name).lower().split("_"))


def _names(node: ast.AST) -> Iterator[str]:
    """The names that one node writes out."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
        case ast.MatchClass(kwd_attrs=names) | ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
        case ast.ExceptHandler(name=str(name)):
            yield name
        case ast.alias(name=name, asname=other):
            yield from (*name.split("."), *([other] if other else []))
        case _:
            pass
