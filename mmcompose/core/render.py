"""A Stack in, texts out: `{relative path: text}`, by Jinja with autoescape for each kind of file.

Templates come in as texts. What they render is parsed back before it leaves, so that a broken template is found here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError

from mmcompose.core.escape import FINALIZERS, comment
from mmcompose.core.view import Histories, Unit, units
from mmcompose.model import Origin, Problem, Profile, Project, Seat

_EMPTY_LINES = re.compile(r"\n(?:[ ]*\n)+(?=[ ])|\n[ ]+(?=\n)")
_MANY_EMPTY_LINES = re.compile(r"\n{3,}")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Renderer:
    """The templates of one project, compiled when they are first used."""

    def __init__(self, project: Project, templates: Mapping[str, str], histories: Histories) -> None:
        self.project, self.histories = project, histories
        self._read_back: set[tuple[object, ...]] = set()
        shared = Environment(
            loader=FunctionLoader(
                lambda name: (templates[name], f"templates/{name}", None) if name in templates else None
            ),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        shared.globals.update(comment=comment, project=project)
        self._environments = {suffix: shared.overlay(finalize=finalize) for suffix, finalize in FINALIZERS.items()}

    def profile(self, profile: Profile, seats: Mapping[str, Seat]) -> tuple[dict[str, str], list[Problem]]:
        """The files of one profile."""
        made = units(self.project, profile, seats, self.histories)
        context = {"profile": _shown(profile, made), "units": made, **_shared_keys(made)}
        try:
            files = {
                f"compose/{profile.name}.yaml": self.text("compose.yaml.j2", context),
                f"compose/profiles/{profile.name}.yaml": self.text("overlay.yaml.j2", context),
            }
        except Exception as error:  # a template is a person's program, and may fail in any way
            return {}, [_fault(error, f"while rendering {profile.name}")]
        if self._seen(made):
            return files, []
        return files, [problem for path, text in files.items() for problem in parsed_back(path, text)]

    def _seen(self, made: list[Unit]) -> bool:
        """Values cannot break what the escaper wrote; templates can. So one file of each shape is parsed back."""
        shape = tuple(unit.shape for unit in made)
        known = shape in self._read_back
        self._read_back.add(shape)
        return known

    def root(self, names: list[str]) -> tuple[str, list[Problem]]:
        try:
            text = self.text("root.yaml.j2", {"names": names})
        except Exception as error:  # as above
            return "", [_fault(error, "while rendering compose.yaml")]
        return text, parsed_back("compose.yaml", text)

    def text(self, template: str, context: Mapping[str, Any]) -> str:
        suffix = "." + template.removesuffix(".j2").rpartition(".")[2]
        return tidy(self._environments[suffix].get_template(template).render(context))


def tidy(text: str) -> str:
    """Drop the lines that macros left empty. No value holds a line break, so only layout can be lost."""
    return _MANY_EMPTY_LINES.sub("\n\n", _EMPTY_LINES.sub("\n", text)).lstrip("\n").rstrip("\n") + "\n"


def parsed_back(path: str, text: str) -> list[Problem]:
    try:
        yaml.load(text, Loader=_Loader)  # noqa: S506 - the safe loader, in C where there is one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Origin("artifact", path, mark.line + 1, mark.column + 1) if mark else None
        line = text.splitlines()[mark.line].strip() if mark and mark.line < text.count("\n") else ""
        hint = f"a template wrote: {line}"
        return [Problem(where, "", f"not YAML: {getattr(error, 'problem', error)}", hint, "render")]
    return []


def _shown(profile: Profile, made: list[Unit]) -> SimpleNamespace:
    benches = any(unit.service.bench for unit in made)
    return SimpleNamespace(name=profile.name, file=profile.file, description=profile.description, benches=benches)


def _shared_keys(made: list[Unit]) -> dict[str, Any]:
    return {
        "volumes": [volume for unit in made for volume in unit.volumes],
        "secrets": [secret for unit in made for secret in unit.secrets],
    }


def _fault(error: Exception, hint: str) -> Problem:
    if isinstance(error, TemplateNotFound):
        where = Origin("template", f"templates/{error.name}", 1, 1)
        return Problem(where, "", "there is no such template", hint, "template")
    what = str(error) if isinstance(error, (TemplateError, TypeError)) else f"{type(error).__name__}: {error}"
    if isinstance(error, TemplateSyntaxError):
        file, line = f"templates/{error.name}", error.lineno
    else:
        file, line = _innermost(error)
    return Problem(Origin("template", file, line, 1), "", what, hint, "template")


def _innermost(error: Exception) -> tuple[str, int]:
    """The template and the line where an error arose: Jinja puts them into the traceback."""
    found = "templates/compose.yaml.j2", 1
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith("templates/"):
            found = file, trace.tb_lineno
        trace = trace.tb_next
    return found
