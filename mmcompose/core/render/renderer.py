"""A Stack in, texts out: `{relative path: text}`, by Jinja with autoescape for each kind of file.

Templates come in as texts. What they render is parsed back before it leaves, so that a broken template is found here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from markupsafe import Markup

from mmcompose.core.place.facts import place_of
from mmcompose.core.render.compose.unit import Unit
from mmcompose.core.render.compose.units import units
from mmcompose.core.render.cost import LONGEST, CostsTooMuchError
from mmcompose.core.render.escape import FINALIZERS, OneEscape, comment
from mmcompose.core.render.sandbox import Sandbox
from mmcompose.core.render.templates import Kept, NothingKept, Templates
from mmcompose.engines.configs import CONFIGS
from mmcompose.engines.flags.history import Histories
from mmcompose.model import Origin, Problem, Profile, Project, Seat

_EMPTY_LINES = re.compile(r"\n(?:[ ]*\n)+(?=[ ])|\n[ ]+(?=\n)")
_NOTHING = Markup("")
SERVICE = "service.yaml.j2"
_MANY_EMPTY_LINES = re.compile(r"\n{3,}")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def environments(templates: Mapping[str, str], kept: Kept | None = None, **names: object) -> dict[str, Sandbox]:
    """Jinja with the escaper of each kind of file, by suffix. `names` are known to every template."""
    shared = Sandbox(
        loader=Templates(templates, kept or NothingKept()),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # our templates hold no constant expressions to fold, and looking for them takes time
    )
    shared.code_generator_class = OneEscape
    shared.globals.update(comment=comment, because=because, **names)
    return {suffix: shared.overlay(finalize=finalize) for suffix, finalize in FINALIZERS.items()}


class Renderer:
    """The templates of one project, compiled when they are first used."""

    def __init__(
        self,
        project: Project,
        templates: Mapping[str, str],
        histories: Histories,
        client: str = "",
        bounds: AbstractContextManager[object] | None = None,
        kept: Kept | None = None,
    ) -> None:
        """`bounds` are entered for each text: they end a template that takes too much. `kept` is code that an earlier
        run compiled."""
        self.project, self.histories, self.templates, self.client = project, histories, templates, client
        self._bounds = bounds or nullcontext()
        self._stopped: list[Problem] = []
        self._read_back: set[tuple[object, ...]] = set()
        self._environments = environments(templates, kept, project=project)

    def profile(self, profile: Profile, seats: Mapping[str, Seat]) -> tuple[dict[str, str], list[Problem]]:
        """The files of one profile. After a template that took too much nothing more is rendered."""
        if self._stopped:
            return {}, self._stopped
        try:
            configs = {key: self.configs(profile, key) for key in profile.services}
            found = units(self.project, profile, seats, self.histories, self.client)
            made = [_marked(unit, configs[key]) for key, unit in found.items()]
            context = {"profile": _shown(profile, made), "units": made, **_shared_keys(made)}
            files = {
                **{path: text for texts in configs.values() for path, text in texts.items()},
                f"compose/{profile.name}.yaml": self.text("compose/compose.yaml.j2", context),
                f"compose/profiles/{profile.name}.yaml": self.text("compose/overlay.yaml.j2", context),
            }
        except Exception as error:  # a template is a person's program, and may fail in any way
            faults = [_fault(error, f"while rendering {profile.name}")]
            self._stopped = faults if isinstance(error, CostsTooMuchError) else []
            return {}, faults
        if self._seen(made):
            return files, []
        names = [unit.name for unit in made]
        return files, [
            p for path, text in files.items() if path.endswith(".yaml") for p in parsed_back(path, text, names)
        ]

    def configs(self, profile: Profile, key: str) -> dict[str, str]:
        """The configuration files of one service: every template of its engine beside `service.yaml.j2`."""
        service, engine = profile.services[key], profile.engines[key]
        if not engine.configs:
            return {}
        context = CONFIGS[engine.configs].context(service, place_of(service, profile.host))
        folder = f"{engine.name}/"
        names = [name for name in sorted(self.templates) if name.startswith(folder) and name != f"{folder}{SERVICE}"]
        return {
            f"compose/config/{profile.name}/{key}/{name.removeprefix(folder).removesuffix('.j2')}": self.text(
                name, context
            )
            for name in names
        }

    def _seen(self, made: list[Unit]) -> bool:
        """Values cannot break what the escaper wrote; templates can. So one file of each shape is parsed back."""
        shape = tuple(unit.shape for unit in made)
        known = shape in self._read_back
        self._read_back.add(shape)
        return known

    def root(self, names: list[str]) -> tuple[str, list[Problem]]:
        try:
            text = self.text("compose/root.yaml.j2", {"names": names})
        except Exception as error:  # as above
            return "", [_fault(error, "while rendering compose.yaml")]
        return text, parsed_back("compose.yaml", text)

    def text(self, template: str, context: Mapping[str, Any]) -> str:
        suffix = "." + template.removesuffix(".j2").rpartition(".")[2]
        with self._bounds:
            text = self._environments[suffix].get_template(template).render(context)
            if len(text) > LONGEST:
                raise CostsTooMuchError(f"writes more than {LONGEST >> 20} MiB into one file")
        return tidy(text)


def because(unit: Unit, indent: int, *path: str | int) -> Markup:
    """The reason of a value as a comment above its line; nothing where there is none."""
    why = unit.why(*path)
    return comment(why, indent) if why else _NOTHING


def tidy(text: str) -> str:
    """Drop the lines that macros left empty. No value holds a line break, so only layout can be lost."""
    return _MANY_EMPTY_LINES.sub("\n\n", _EMPTY_LINES.sub("\n", text)).lstrip("\n").rstrip("\n") + "\n"


def parsed_back(path: str, text: str, services: Collection[str] = ()) -> list[Problem]:
    """Whether a text is YAML and has its services. Composed, not constructed: that is done in C, and thrice as fast."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Origin("artifact", path, mark.line + 1, mark.column + 1) if mark else None
        line = text.splitlines()[mark.line].strip() if mark and mark.line < text.count("\n") else ""
        hint = f"a template wrote: {line}"
        return [Problem(where, "", f"not YAML: {getattr(error, 'problem', error)}", hint, "render")]
    missing = [name for name in services if name not in _services(node)]
    hint = "its template wrote none"
    return [
        Problem(Origin("artifact", path, 1, 1), "services", f"no service {name!r}", hint, "render") for name in missing
    ]


def _services(node: Any) -> set[str]:
    """The names under `services:` of a composed document."""
    top = {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
    found = top.get("services")
    return {key.value for key, _ in found.value} if isinstance(found, yaml.MappingNode) else set()


def _marked(unit: Unit, configs: Mapping[str, str]) -> Unit:
    """Compose does not recreate a container when a mounted file changes; a label with the content's hash makes it."""
    if not configs:
        return unit
    content = hashlib.sha256("".join(text for _, text in sorted(configs.items())).encode()).hexdigest()
    return replace(unit, labels={**unit.labels, "mmcompose.config": content})


def _shown(profile: Profile, made: list[Unit]) -> SimpleNamespace:
    benches = any(unit.benches for unit in made)
    return SimpleNamespace(
        name=profile.name, names=profile.names, file=profile.file, description=profile.description, benches=benches
    )


def _shared_keys(made: list[Unit]) -> dict[str, Any]:
    return {
        "volumes": [volume for unit in made for volume in unit.volumes],
        "secrets": [secret for unit in made for secret in unit.secrets],
    }


def _fault(error: Exception, hint: str) -> Problem:
    if isinstance(error, TemplateNotFound):
        where = Origin("template", f"templates/{error.name}", 1, 1)
        return Problem(where, "", "there is no such template", hint, "template")
    what = (
        str(error)
        if isinstance(error, (TemplateError, TypeError, CostsTooMuchError))
        else f"{type(error).__name__}: {error}"
    )
    if isinstance(error, TemplateSyntaxError):
        file, line = f"templates/{error.name}", error.lineno
    else:
        file, line = _innermost(error)
    return Problem(Origin("template", file, line, 1), "", what, hint, "template")


def _innermost(error: Exception) -> tuple[str, int]:
    """The template and the line where an error arose: Jinja puts them into the traceback."""
    found = "templates/compose/compose.yaml.j2", 1
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith("templates/"):
            found = file, trace.tb_lineno
        trace = trace.tb_next
    return found
