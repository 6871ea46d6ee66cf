"""Keeps the templates of a project by their names, and compiles each text once."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from types import CodeType
from typing import Any, Protocol

from jinja2 import BaseLoader, Environment, Template, TemplateNotFound

from mmcompose.core.render.own_templates import FORMER

_BEFORE = {now: before for before, now in FORMER.items()}


class Kept(Protocol):
    """Code that an earlier run compiled. `parts` is everything that the code was made from."""

    def code(self, *parts: str) -> CodeType | None: ...

    def keep(self, code: CodeType, *parts: str) -> None: ...


class NothingKept:
    """Keeps nothing: every run compiles anew."""

    def code(self, *_: str) -> CodeType | None:
        return None

    def keep(self, code: CodeType, *_: str) -> None:
        pass


class Templates(BaseLoader):
    def __init__(self, texts: Mapping[str, str], kept: Kept) -> None:
        self._texts, self._kept = texts, kept

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:  # noqa: ARG002
        now = FORMER.get(template, template)
        before = _BEFORE.get(now, now)
        name = before if before in self._texts else now
        if name not in self._texts:
            raise TemplateNotFound(template)
        return self._texts[name], f"templates/{name}", None

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        source, file, _ = self.get_source(environment, name)
        code = self._kept.code(file, source)
        if code is None:
            code = environment.compile(source, name, file)
            self._kept.keep(code, file, source)
        return environment.template_class.from_code(environment, code, globals if globals is not None else {})
