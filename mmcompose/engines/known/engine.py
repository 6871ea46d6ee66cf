"""Reads the facts of an engine besides its flags, metrics and causes: engine.yaml in its folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

from mmcompose.engines.known import folder

FILE = "engine.yaml"
LEVEL = r"(?P<level>DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|TRACE|debug|info|warn(?:ing)?|error|critical)"
_NUMBER = r"(?P<value>[0-9][0-9,]*(?:\.[0-9]+)?)"
_SIZE = _NUMBER + r" ?(?P<unit>[KMG]iB|[MG]B|B)\b"


class FlagSource(NamedTuple):
    """Where `engines learn` finds the flags of a release; engines/learn/<engine>.py reads them."""

    package: str
    files: tuple[str, ...]
    """Patterns of the files to read; `*` stands for folders, too."""
    own_version: str = ""
    """How the engine numbers its releases, where the package has numbers of its own."""


class Image(NamedTuple):
    name: str
    """A pattern of the repository and the tag."""
    pull_gb: int = 0
    """What a pull brings, roughly."""
    cuda: Mapping[str, int | None] = {}
    """The major release of CUDA inside, by the engine's first release that has it; None: not certain."""


class EngineFacts(NamedTuple):
    """Each field is a key of engine.yaml; all but the name may be left out."""

    name: str
    called: tuple[str, ...] = ()
    """Other names of it, whatever their signs and capitals."""
    help: tuple[str, ...] = ()
    """The command that prints its flags, inside its image."""
    programs: tuple[tuple[str, ...], ...] = ()
    """How commands start it: the parts before its arguments, as patterns; of a path, the last name counts."""
    takes: Mapping[str, str] = {}
    """Its arguments that a profile writes elsewhere than under `args:`, and what each holds; empty where its
    template decides."""
    source: FlagSource | None = None
    images: tuple[Image, ...] = ()
    one_process: bool = False
    """It has no processes of its own that it could end: another program killed it."""
    outlives_errors: bool = False
    """It keeps running after a fatal error."""
    host_gib: tuple[str, ...] = ()
    """Its arguments that take GiB of the machine's memory."""
    fills_its_share: bool = False
    """It fills its share of the GPU with KV cache, whatever the size of the model."""
    memory_share: str = ""
    """Its argument for the share of each GPU's memory that it may take."""
    louder: str = ""
    """A setting with which it prints more."""
    crashed: str = ""
    """A remedy against a segmentation fault of which it prints nothing."""
    mentions: re.Pattern[str] | None = None
    """What the log of this engine mentions, and that of no other."""
    heads: tuple[re.Pattern[str], ...] = ()
    """Beginnings of its lines, with `level`, `process` and `tag` where they have them."""
    writes_like: tuple[str, ...] = ()
    """Engines, or families of them, whose lines stand in its log, too."""
    figures: Mapping[str, tuple[re.Pattern[str], ...]] = {}
    """Lines of its log with a figure: `value`, and perhaps its `unit`."""
    silent_because: str = ""
    """Why its log may hold no such line."""


@cache
def known(name: str) -> EngineFacts:
    text = folder.text(name, FILE)
    return read(name, folder.parsed(text)) if text else EngineFacts(name)


def all_known() -> tuple[EngineFacts, ...]:
    return tuple(known(name) for name in folder.having(FILE))


def known_image(reference: str) -> Image | None:
    """The facts of an image of an engine."""
    images = (image for engine in all_known() for image in engine.images)
    return next((image for image in images if fnmatchcase(reference, image.name)), None)


def read(name: str, data: Mapping[str, Any]) -> EngineFacts:
    """An engine that writes the log of another shows the same figures."""
    twins = [known(other) for other in data.get("writes_like", ()) if other in folder.having(FILE)]
    twin = twins[0] if twins else EngineFacts(name)
    source, mentions, figures = data.get("source"), data.get("mentions"), data.get("figures", {})
    return EngineFacts(name, **{
        "silent_because": twin.silent_because,
        **folder.fixed(data),
        "programs": tuple(tuple(map(str, program)) for program in data.get("programs", ())),
        "source": FlagSource(**folder.fixed(source)) if source else None,
        "images": tuple(Image(**image) for image in data.get("images", ())),
        "heads": tuple(map(_line, data.get("heads", ()))),
        "mentions": re.compile(mentions) if mentions else None,
        "figures": {figure: tuple(map(_line, lines)) for figure, lines in figures.items()} or twin.figures,
    })  # fmt: skip


def _line(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("{size}", _SIZE).replace("{number}", _NUMBER).replace("{level}", LEVEL))
