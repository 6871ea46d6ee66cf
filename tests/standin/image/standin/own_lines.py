"""Engines with readers of their own: llama.cpp and its fork, click (TensorRT-LLM), cxxopts (OpenVINO Model Server)."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from .line import Line, UsageError, fits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mmcompose.engines.flags.history import Flag, VersionFlags

EXPORTS = ("--task", "--pull", "--source_model")  # only with these are there options of a task
QUOTES = "\u2018\u2019"  # as cxxopts writes them
CLICK_TYPES = {"int": "integer", "float": "float", "truth": "boolean"}


class Spelled(NamedTuple):
    flag: Flag
    value: bool | None  # what the spelling of a switch means


def spellings(catalogue: VersionFlags) -> dict[str, Spelled]:
    found: dict[str, Spelled] = {}
    for flag in catalogue.values():
        switch = flag.kind == "switch"
        for word in (flag.option, *flag.aliases):
            found.setdefault(word, Spelled(flag, True if switch else None))
        for word in (flag.off, *flag.negatives):
            if word.startswith("-"):
                found[word] = Spelled(flag, False)
    return found


def take(line: Line, flag: Flag, words: list[str]) -> None:
    line.values[flag.name] = [*line.values.get(flag.name, []), *words] if flag.many == "repeat" else words


def llama(catalogue: VersionFlags, words: list[str]) -> Line:
    """llama.cpp: exact names, one or two values behind a name, the first fault ends it with status 1."""

    def wrong(flag: Flag, word: str, why: str) -> UsageError:
        usage = f"usage:\n{flag.option} N\n\n\nto show complete usage, run with -h"
        return UsageError(f'error while handling argument "{word}": {why}\n\n{usage}', 1)

    return _plain(catalogue, words, "error: invalid argument: {}", wrong)


def ik_llama(catalogue: VersionFlags, words: list[str]) -> Line:
    """The fork kept the reader of its time: other words, the same strictness."""

    def wrong(flag: Flag, word: str, why: str) -> UsageError:
        return UsageError(f"error: invalid parameter for argument: {word}", 1)

    return _plain(catalogue, words, "error: unknown argument: {}", wrong)


def _plain(
    catalogue: VersionFlags, words: list[str], unknown: str, wrong: Callable[[Flag, str, str], UsageError]
) -> Line:
    known, line, rest = spellings(catalogue), Line(), list(words)
    while rest:
        given = rest.pop(0)
        word = given.replace("_", "-") if given.startswith("--") else given
        if word not in known:
            raise UsageError(unknown.format(word), 1)
        flag, meant = known[word]
        if flag.stub:
            raise wrong(flag, word, "the argument has been removed")
        if meant is not None:
            line.switches[flag.name] = meant
            continue
        count = int(flag.many) if flag.many.isdigit() else 1
        if len(rest) < count:
            raise wrong(flag, word, "expected value for argument")
        values = [rest.pop(0) for _ in range(count)]
        for value in values:
            if not fits(flag, value):
                raise wrong(flag, word, "stoi" if flag.kind == "int" else "invalid value")
        take(line, flag, values)
    return line


def trtllm(catalogue: VersionFlags, words: list[str]) -> Line:
    """`trtllm-serve [serve] MODEL`: click's words, status 2. Without a command it serves."""

    def end(message: str) -> UsageError:
        usage = "Usage: trtllm-serve serve [OPTIONS] MODEL\nTry 'trtllm-serve serve --help' for help.\n\n"
        return UsageError(f"{usage}Error: {message}", 2)

    known, line = spellings(catalogue), Line()
    rest = list(words[1:] if words[:1] == ["serve"] else words)
    while rest:
        given = rest.pop(0)
        name, equals, joined = given.partition("=")
        if not given.startswith("-"):
            line.positional.append(given)
            continue
        if name not in known:
            near = get_close_matches(name, known, 1)  # what click itself asks
            raise end(f"No such option: {name}" + (f" Did you mean {near[0]}?" if near else ""))
        flag, meant = known[name]
        if meant is not None:
            line.switches[flag.name] = meant
            continue
        if not equals and not rest:
            raise end(f"Option '{name}' requires an argument.")
        value = joined if equals else rest.pop(0)
        if not fits(flag, value):
            raise end(f"Invalid value for '{name}': {_click_why(flag, value)}")
        take(line, flag, [value])
    if not line.positional:
        raise end("Missing argument 'MODEL'.")
    if len(line.positional) > 1:
        raise end(f"Got unexpected extra argument ({' '.join(line.positional[1:])})")
    return line


def _click_why(flag: Flag, value: str) -> str:
    if flag.choices:
        return f"{value!r} is not one of {', '.join(map(repr, flag.choices))}."
    return f"{value!r} is not a valid {CLICK_TYPES.get(flag.kind, 'value')}."


def ovms(catalogue: VersionFlags, words: list[str]) -> Line:
    """cxxopts lets unknown words through; the server then names them all and ends with status 64."""
    known, line, rest, unmatched = spellings(catalogue), Line(), list(words), list[str]()
    exports = any(word.partition("=")[0] in EXPORTS for word in words)
    while rest:
        given = rest.pop(0)
        name, equals, joined = given.partition("=")
        if name not in known or (known[name].flag.group and not exports):
            unmatched.append(given)
            continue
        flag, _ = known[name]
        if flag.kind in ("switch", "truth"):
            take_truth(line, flag, joined if equals else "true")
            continue
        if not equals and not rest:
            raise UsageError(
                f"error parsing options: Option {QUOTES[0]}{flag.name}{QUOTES[1]} is missing an argument", 64
            )
        value = joined if equals else rest.pop(0)
        if not fits(flag, value):
            raise UsageError(f"error parsing options: Argument {QUOTES[0]}{value}{QUOTES[1]} failed to parse", 64)
        take(line, flag, [value])
    if unmatched:
        raise UsageError(f"error parsing options - unmatched arguments: {', '.join(unmatched)}, ", 64)
    return line


def take_truth(line: Line, flag: Flag, word: str) -> None:
    meant: Mapping[str, bool] = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
    if word.lower() not in meant:
        raise UsageError(f"error parsing options: Argument {QUOTES[0]}{word}{QUOTES[1]} failed to parse", 64)
    line.switches[flag.name] = meant[word.lower()]
