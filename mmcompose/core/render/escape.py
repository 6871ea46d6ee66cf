"""Autoescape for formats that are not HTML: every `{{ value }}` becomes a correct scalar of its file.

Jinja calls `finalize` on each expression. For YAML that is a double-quoted scalar; numbers and booleans stay bare. In
the artifact, a quoted value came from a profile, and a bare one from the template. A target may quote in a way of its
own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from jinja2.compiler import CodeGenerator
from markupsafe import Markup

_NOTHING = Markup("")
_PLAIN = re.compile(r"[ !#-\[\]-~]*\Z")
"""Printable ASCII without the quote and the backslash."""

_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def yaml_text(text: str) -> str:
    """A double-quoted YAML scalar, read the same by YAML 1.1 and 1.2."""
    if _PLAIN.match(text):
        return f'"{text}"'
    return '"' + "".join(map(_yaml_character, text)) + '"'


_READABLE = (
    (0x20, 0x7E), (0xA0, 0x2027), (0x202A, 0xD7FF), (0xE000, 0xFEFE), (0xFF00, 0xFFFD), (0x10000, 0x10FFFF),
)  # fmt: skip
"""Characters that YAML allows unescaped, less the line separators that some readers fold.

Ranges and no pattern: compiling a pattern would take longer than rendering a profile.
"""


def _yaml_character(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    if any(low <= code <= high for low, high in _READABLE):
        return character
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}"


def yaml(value: Any) -> str:
    return scalar(value, yaml_text)


def _json(value: Any) -> str:
    return scalar(value, partial(json.dumps, ensure_ascii=False))


def pbtxt(value: Any) -> str:
    from mmcompose.engines.ovms.graph.text import pbtxt_scalar

    return value if isinstance(value, Markup) else pbtxt_scalar(value)


def scalar(value: Any, text: Callable[[str], str]) -> str:
    """A value in the form of the file; `text` writes a value that is a text."""
    if isinstance(value, str):
        return value if isinstance(value, Markup) else text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    str(value)  # an undefined name raises here, with its template and line
    raise TypeError(f"a {type(value).__name__} cannot stand where one value is due")


class OneEscape(CodeGenerator):
    """Writes `finalize(value)` for each expression, and not the `escape(finalize(value))` of HTML.

    A finalizer returns escaped text: escaping it again would cost more than the rest of a render. Constants are
    finalized like everything else, where Jinja would escape them for HTML while it compiles.
    """

    def _make_finalize(self) -> CodeGenerator._FinalizeInfo:
        return self._FinalizeInfo(None, "environment.finalize(")

    def _output_child_pre(self, *_: object) -> None:
        self.write("environment.finalize(")

    def _output_child_post(self, *_: object) -> None:
        self.write(")")


def comment(text: str, indent: int = 0) -> Markup:
    """Free text as comment lines. Line breaks of every kind are kept as lines; control characters are dropped."""
    lines = [" ".join(_visible(line).split()) for line in text.splitlines() if line.strip()]
    return Markup(f"\n{' ' * indent}".join(f"# {line}" for line in lines))


class Reasoned(Protocol):
    def why(self, *path: str | int) -> str | None: ...


def because(unit: Reasoned, indent: int, *path: str | int) -> Markup:
    """The reason of a value as a comment above its line; empty without a reason."""
    why = unit.why(*path)
    return comment(why, indent) if why else _NOTHING


def _visible(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(character for character in line if character.isprintable() or character == "\t")


FINALIZERS: dict[str, Callable[[Any], str]] = {".yaml": yaml, ".json": _json, ".pbtxt": pbtxt}
"""The escaper of each kind of file, by its suffix."""
