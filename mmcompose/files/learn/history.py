"""Adds a release's flags, read from its source, to the history that ships: `engines learn`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mmcompose.engines.flags.changes import FlagChange, diff
from mmcompose.engines.flags.versions import key
from mmcompose.engines.known.catalogue import ENGINES
from mmcompose.engines.learn import help_text, llamacpp, sglang, vllm
from mmcompose.engines.learn.merge import dump, merge, strengthen
from mmcompose.files.gather.histories import load
from mmcompose.files.learn.sources import SPEC, fetch
from mmcompose.model.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mmcompose.engines.flags.history import History
    from mmcompose.engines.learn.add_argument import Shape


class Unlearnable(Failure):
    """Reports a source without readable flags."""

    code = 2


class Learned(NamedTuple):
    history: History
    version: str
    before: str  # the version it is compared with
    total: int
    changes: list[FlagChange]
    text: str


class Source(NamedTuple):
    engine: str
    wanted: Callable[[str], bool]
    learn: Callable[[Mapping[str, str]], dict[str, Shape]]


SOURCES: Mapping[str, Source] = {
    "vllm": Source("vllm", lambda path: path.startswith("vllm/") and path.endswith(".py"), vllm.learn),
    "sglang": Source("sglang", lambda path: path.startswith("sglang/srt/") and path.endswith(".py"), sglang.learn),
    "llama-cpp-python": Source(
        "llamacpp", lambda path: path.endswith(("llama.cpp/common/arg.cpp", "CHANGELOG.md")), llamacpp.learn
    ),
}
NEVER_IN_A_PROFILE = ("help", "version", "usage")


def learned(spec: str, build: str | None = None) -> Learned:
    """The flags of a release. `build`: the llama.cpp build inside a release of llama-cpp-python."""
    match = SPEC.fullmatch(spec)
    if not match or match[1].lower() not in SOURCES:
        raise Unlearnable(f"cannot learn {spec!r}: write one of {', '.join(f'{name}==VERSION' for name in SOURCES)}")
    source = SOURCES[match[1].lower()]
    version = match[2]
    if source.engine == "llamacpp":
        if not build:
            raise Unlearnable("the llama.cpp build of that release is unknown: name it with --as bNNNN")
        version = build
    flags = source.learn(fetch(spec, source.wanted))
    if not flags:
        raise Unlearnable(f"found no flags in {spec}: its source has a layout that mmcompose does not know yet")
    return _merged(source.engine, version, flags)


def learned_from_help(engine: str | None, version: str, text: str) -> Learned:
    if engine is None or engine not in ENGINES:
        raise Unlearnable(
            f"the engine of this help text is unknown: name it with --engine, one of {', '.join(ENGINES)}"
        )
    flags = help_text.learn(text)
    if len(flags) < 5:
        raise Unlearnable("this is not a help text: it lists fewer than five flags")
    history = load(engine)
    assert history is not None
    return _merged(engine, version.rpartition("==")[2], strengthen(history, flags))


def _merged(engine: str, version: str, flags: dict[str, Shape]) -> Learned:
    history = load(engine)
    assert history is not None
    if history.order != "commit" and key(history.order, version) is None:
        raise Unlearnable(f"{version!r} is not a version of {history.title}")
    for name in NEVER_IN_A_PROFILE:
        flags.pop(name, None)
    made = merge(history, version, flags)
    index = made.versions.index(version)
    before = made.versions[index - 1] if index else made.versions[min(index + 1, len(made.versions) - 1)]
    return Learned(made, version, before, len(flags), diff(made, before, version), dump(made))
