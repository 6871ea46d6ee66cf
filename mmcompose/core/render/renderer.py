"""Fills the templates of a project: Jinja with autoescape for each kind of file, bounds for each text, and faults
with the template's line.

Templates come in as texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from types import MappingProxyType
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError

from mmcompose.core.place.surroundings import place_of
from mmcompose.core.render.cost import LONGEST, CostsTooMuchError
from mmcompose.core.render.escape import FINALIZERS, OneEscape, because, comment
from mmcompose.core.render.own_templates import SERVICE, without_fetching, without_loading
from mmcompose.core.render.sandbox import Sandbox
from mmcompose.core.render.templates import Kept, Templates
from mmcompose.engines.configs import CONFIGS
from mmcompose.engines.flags.history import Histories
from mmcompose.model import Origin, Problem, Profile, Project

_EMPTY_LINES = re.compile(r"\n(?:[ ]*\n)+(?=[ ])|\n[ ]+(?=\n)")
_MANY_EMPTY_LINES = re.compile(r"\n{3,}")
Finalizers = Mapping[str, Callable[[Any], str]]
Made = tuple[dict[str, str], list[Problem]]
"""Texts by their paths in the project, and the faults found while making them."""


def environments(
    templates: Mapping[str, str], kept: Kept | None = None, finalizers: Finalizers = FINALIZERS, **names: object
) -> dict[str, Sandbox]:
    """Jinja with the escaper of each kind of file, by suffix. Every template knows `names`."""
    shared = Sandbox(
        loader=Templates(templates, kept),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # our templates hold no constant expressions to fold, and looking for them takes time
    )
    shared.code_generator_class = OneEscape
    shared.globals.update(comment=comment, because=because, **names)
    return {suffix: shared.overlay(finalize=finalize) for suffix, finalize in finalizers.items()}


class Renderer:
    """The templates of one project for one target, compiled when they are first used."""

    def __init__(
        self,
        project: Project,
        templates: Mapping[str, str],
        histories: Histories,
        contents: Mapping[str, str] = MappingProxyType({}),
        bounds: AbstractContextManager[object] | None = None,
        kept: Kept | None = None,
        finalizers: Finalizers = FINALIZERS,
    ) -> None:
        """`contents` are the content hashes of our build folders. `bounds` are entered for each text: they stop a
        template that takes too much. `kept` is code that an earlier run compiled."""
        self.project, self.histories, self.contents = project, histories, contents
        self._templates, self._bounds = templates, bounds or nullcontext()
        self._latest = ""
        self._stopped: list[Problem] = []
        self._seen: set[Hashable] = set()
        self._environments = environments(templates, kept, finalizers, project=project)

    def attempt(self, make: Callable[[], Made], hint: str) -> Made:
        """Fills templates; returns their faults as Problems. After a template that took too much, no more are
        filled."""
        if self._stopped:
            return {}, self._stopped
        try:
            return make()
        except Exception as error:  # a template is a person's program, and may fail in any way
            faults = [_fault(error, hint, self._latest)]
            self._stopped = faults if isinstance(error, CostsTooMuchError) else []
            return {}, faults

    def text(self, template: str, context: Mapping[str, Any]) -> str:
        suffix = "." + template.removesuffix(".j2").rpartition(".")[2]
        self._latest = f"templates/{template}"
        with self._bounds:
            text = self._environments[suffix].get_template(template).render(context)
            if len(text) > LONGEST:
                raise CostsTooMuchError(f"writes more than {LONGEST >> 20} MiB into one file")
        return tidy(text)

    def has(self, templates: Collection[str]) -> bool:
        """Whether one of these templates is there."""
        return not self._templates.keys().isdisjoint(templates)

    @cached_property
    def _fetches(self) -> bool:
        return not without_fetching(self._templates)

    def fetches(self, profile: Profile, key: str) -> bool:
        """Whether its templates write what fetches the weights of a service, and let its engine load them."""
        return self._fetches and not without_loading(self._templates, profile.engines[key])

    def configs(self, profile: Profile, key: str) -> dict[str, str]:
        """The configuration files of one service: every template of its engine beside `service.yaml.j2`."""
        service, engine = profile.services[key], profile.engines[key]
        if not engine.configs:
            return {}
        context = CONFIGS[engine.configs].context(service, place_of(service, engine, profile.host))
        folder = f"{engine.name}/"
        names = [name for name in sorted(self._templates) if name.startswith(folder) and name != f"{folder}{SERVICE}"]
        return {name.removeprefix(folder).removesuffix(".j2"): self.text(name, context) for name in names}

    def is_new(self, shape: Hashable) -> bool:
        """Whether nothing of this shape was rendered before, so that it must be parsed back."""
        new = shape not in self._seen
        self._seen.add(shape)
        return new


def tidy(text: str) -> str:
    """Drops the lines that macros left empty. No value holds a line break, so only layout can be lost."""
    return _MANY_EMPTY_LINES.sub("\n\n", _EMPTY_LINES.sub("\n", text)).lstrip("\n").rstrip("\n") + "\n"


def _fault(error: Exception, hint: str, file: str) -> Problem:
    """The Problem of a template. `file` is the filled template, for a fault in none of its lines."""
    if isinstance(error, TemplateNotFound):
        where = Origin("template", f"templates/{error.name}", 1, 1)
        return Problem(where, "", "there is no such template", hint, "template")
    explained = isinstance(error, (TemplateError, TypeError, CostsTooMuchError))
    what = str(error) if explained else f"{type(error).__name__}: {error}"
    line = 1
    if isinstance(error, TemplateSyntaxError):
        file, line = f"templates/{error.name}", error.lineno
    else:
        # Jinja puts the templates and their lines into the traceback; the innermost is where the error arose.
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename.startswith("templates/"):
                file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
            trace = trace.tb_next
    return Problem(Origin("template", file, line, 1), "", what, hint, "template")
