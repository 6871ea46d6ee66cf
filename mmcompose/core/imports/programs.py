"""Finds the engine of a container: by its label, its image or its program; and where its arguments begin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from mmcompose.core.imports.ground import ImportGround
from mmcompose.core.imports.sources.found import Found
from mmcompose.core.imports.sources.shell import commands
from mmcompose.model import Setting, labels

_SHELLS = ("sh", "bash", "dash", "zsh")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_EXPORT = re.compile(r'export ([A-Za-z_][A-Za-z0-9_]*)="\$\(cat /run/secrets/([a-z0-9_-]+)\)"; ')
_QUIET = ("exec", "nohup", "env", "export")


def backend_of(found: Found, ground: ImportGround, requested: str | None) -> str | None:
    """The name of its backend; None where mmcompose knows no engine like it."""
    named = requested or found.labels.get(labels.BACKEND)
    if named is not None and ground.backend(named):
        return named
    backends = ground.documents.of("backend") if found.image else ()
    by_image = [name for name in backends if found.image and _has_image(ground, name, found.image)]
    by_program = _by_program(found, ground)
    both = [name for name in by_program if name in by_image]
    return next(iter([*both, *by_image, *by_program]), None)


def _has_image(ground: ImportGround, backend: str, image: Setting) -> bool:
    """Whether one of the backend's images comes from the same repository."""
    return _repository(str(image.value)) in map(_repository, ground.images(backend))


def _repository(image: str) -> str:
    plain = image.partition("@")[0].removeprefix("docker.io/")
    head, colon, tag = plain.rpartition(":")
    return head if colon and "/" not in tag else plain


def _by_program(found: Found, ground: ImportGround) -> list[str]:
    """The backends whose program stands in the line, the likeliest first."""
    line, _ = unwrapped(found)
    likely: list[tuple[int, bool, str]] = []
    for name, layer in ground.documents.of("backend").items():
        longest = max((sum(map(len, program)) for _, program in _places(line, ground.facts(name).programs)), default=0)
        if longest:
            likely.append((-longest, layer.root.present(("default_for",)) is None, name))
    return [name for _, _, name in sorted(likely)]


def _places(line: Sequence[Setting], programs: Sequence[Sequence[str]]) -> Iterator[tuple[int, Sequence[str]]]:
    for at in range(len(line)):
        for program in programs:
            parts = line[at : at + len(program)]
            if len(parts) == len(program) and all(
                _fits(part.value, each) for part, each in zip(parts, program, strict=True)
            ):
                yield at, program


def _fits(text: str, pattern: str) -> bool:
    plain = text.replace("\\", "/").removesuffix(".exe")
    return fnmatchcase(plain if "/" in pattern else plain.rpartition("/")[2], pattern)


def unwrapped(found: Found) -> tuple[list[Setting], dict[str, str]]:
    """The line without a shell around it, and the secrets that our own shell exports, each with its variable."""
    line = found.line
    if len(line) < 3 or line[0].value.rpartition("/")[2] not in _SHELLS or not re.fullmatch(r"-[a-z]*c", line[1].value):
        return line, {}
    text = str(line[2].value)
    if text.endswith('exec "$@"'):
        return line[4:], {name: variable for variable, name in _EXPORT.findall(text)}
    cut, _ = commands(text, line[2].origin)
    return [part for command in cut for part in command], {}


def arguments_of(found: Found, ground: ImportGround, backend: str) -> list[Setting]:
    """The parts of the line behind the engine's program; what stands before it is reported, or becomes environment."""
    line, _ = unwrapped(found)
    programs = ground.facts(backend).programs
    places = sorted(_places(line, programs), key=lambda found: (found[0], -len(found[1])))
    if not places:
        # The image starts the engine, or a backend of the project's own whose program nobody knows.
        return line[found.entrypoint :] if len(line) == len(found.line) else line
    at, program = places[0]
    for part in line[:at]:
        name, equals, text = part.value.partition("=")
        if equals and _ASSIGNMENT.match(part.value):
            found.env.setdefault(name, part._replace(value=text))
        elif part.value.strip() and part.value not in _QUIET:
            message = f"{part.value!r} stands before the engine's program, and is not started"
            found.remarks.left_out(part.origin, "command", message)
    return line[at + len(program) :]
