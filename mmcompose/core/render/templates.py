"""Keeps the templates of a project by their names, and compiles each text once."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from types import CodeType
from typing import Any, Protocol

from jinja2 import BaseLoader, Environment, Template, TemplateNotFound

from mmcompose.core.render.own_templates import FORMER, MACROS, PARTS

_PLACES = {name: each for each in FORMER.items() for name in each} | dict.fromkeys(MACROS, (*MACROS, PARTS))
"""Where to look for a template, by each name that it has or had: a project's own may still have the former one."""


class Kept(Protocol):
    """Code that an earlier run compiled. `parts` is everything that the code was made from."""

    def code(self, *parts: str) -> CodeType | None: ...

    def keep(self, code: CodeType, *parts: str) -> None: ...


class Templates(BaseLoader):
    def __init__(self, texts: Mapping[str, str], kept: Kept | None) -> None:
        self._texts, self._kept = texts, kept

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:  # noqa: ARG002
        name = next((name for name in _PLACES.get(template, (template,)) if name in self._texts), None)
        if name is None:
            raise TemplateNotFound(template)
        return self._texts[name], f"templates/{name}", None

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        source, file, _ = self.get_source(environment, name)
        code = self._kept.code(file, source) if self._kept else None
        if code is None:
            code = environment.compile(source, name, file)
            if self._kept:
                self._kept.keep(code, file, source)
        return environment.template_class.from_code(environment, code, globals if globals is not None else {})
