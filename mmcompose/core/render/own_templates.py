"""Finds the templates of the project's own that take part in a profile: they can write anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mmcompose.core.read.documents import Source
from mmcompose.engines.flags.nearest import closest
from mmcompose.model import Engine, Layer, Origin, Problem, Profile
from mmcompose.model.targets import COMPOSE, TARGETS

_FOLDER = "templates/"
_HOME = COMPOSE.name
FORMER = {
    name: f"{_HOME}/{name}"
    for name in ("_macros.yaml.j2", "bench.yaml.j2", "compose.yaml.j2", "overlay.yaml.j2", "root.yaml.j2")
}
"""Templates by their old names, with their present ones. A project's own may still have the old name."""

SERVICE = "service.yaml.j2"
"""Writes the service of an engine; it lies in the folder of the engine."""

MACROS = ("_macros.yaml.j2", f"{_HOME}/_macros.yaml.j2")
"""Held all parts of a service once. Only a project may have one now; it stands for `PARTS` then."""
PARTS = f"{_HOME}/parts.yaml.j2"

ROOT = (f"templates/{_HOME}/root.yaml.j2", "templates/root.yaml.j2")
"""The root template's present place, and its old one."""

_FETCHES = {
    "_macros.yaml.j2": "unit.fetch",
    "compose.yaml.j2": "unit.fetch",
    "overlay.yaml.j2": "unit.containers",
    "parts.yaml.j2": "unit.fetch",
}
"""What each of these templates reads to write the services that fetch weights, and that engines wait for."""

_NAME_IS_MADE = re.compile(rb"\{%[-+]?\s*(?:include|import|extends|from)\s+(?!unit\.template\b)[^\"'\[\s]")
"""A tag that takes in a template whose name is known only while it is filled."""


def texts(sources: Iterable[Source]) -> dict[str, str]:
    """Every template by its name."""
    return {s.path.removeprefix(_FOLDER): s.data.decode("utf-8", "replace") for s in sources if _is_template(s)}


def own(sources: Iterable[Source]) -> list[str]:
    """The project's own templates: all but those that came with mmcompose."""
    return sorted(s.path for s in sources if not s.shipped and _is_template(s))


def _is_template(source: Source) -> bool:
    return source.path.startswith(_FOLDER) and source.path.endswith(".j2")


def moved(own_templates: Iterable[str]) -> Iterator[Problem]:
    """Reports templates at the place of an earlier release; they are still used."""
    for path in own_templates:
        name = path.removeprefix("templates/")
        if name in FORMER:
            hint = f"move it to templates/{FORMER[name]}"
            message = "is used, and has another place now"
            yield Problem(Origin("template", path, 1, 1), "", message, hint, "name", "warning")


def without_fetching(templates: Mapping[str, str]) -> list[str]:
    """The templates, by their names below `templates/`, from before a service fetched weights. With them, engines fetch
    for themselves as they did then."""
    return sorted(
        name
        for name, text in templates.items()
        if name.removeprefix(f"{_HOME}/") in _FETCHES and _FETCHES[name.removeprefix(f"{_HOME}/")] not in text
    )


def without_loading(templates: Mapping[str, str], engine: Engine) -> bool:
    """Whether the template of an engine is from before it loaded a file of the store: it names a repository there."""
    names = (f"{name}/{SERVICE}" for name in (engine.name, engine.template) if name)
    return _names_a_repository(next((templates[name] for name in names if name in templates), ""))


def _names_a_repository(text: str) -> bool:
    return "--hf-repo" in text and "unit.loads" not in text


def old_fetching(own_templates: Iterable[str], sources: Iterable[Source]) -> Iterator[Problem]:
    texts = {s.path.removeprefix("templates/"): s.data.decode("utf-8", "replace") for s in sources if not s.shipped}
    for name in without_fetching({name: texts[name] for path in own_templates if (name := path[10:]) in texts}):
        message = "knows no service that fetches weights, so each engine fetches its own copy"
        hint = f"take {_FETCHES[name.removeprefix(f'{_HOME}/')]} over from the template that comes with mmcompose"
        yield Problem(Origin("template", f"templates/{name}", 1, 1), "", message, hint, "name", "warning")
    for name in sorted(name for name in texts if name.endswith(f"/{SERVICE}") and _names_a_repository(texts[name])):
        message = "loads no file of the store of weights, so the engine fetches its own copy"
        hint = "take --model and unit.loads over from the template that comes with mmcompose"
        yield Problem(Origin("template", f"templates/{name}", 1, 1), "", message, hint, "name", "warning")


def unread(own_templates: Iterable[str], sources: Sequence[Source], backends: Mapping[str, Layer]) -> Iterator[Problem]:
    """Reports templates that nothing fills and no other template takes in."""
    data = {s.path: s.data for s in sources if s.path.startswith(("templates/", "profiles/backends/"))}
    came_along = {s.path for s in sources if s.shipped}
    if any(map(_NAME_IS_MADE.search, (data[path] for path in own_templates))):
        return
    for path in own_templates:
        name = path.removeprefix("templates/")
        folder, _, inside = name.partition("/")
        configs = folder in backends and backends[folder].root.present(("configs",))
        filled = configs or (inside == SERVICE and folder not in TARGETS)
        elsewhere = inside and folder not in TARGETS and folder not in backends
        if path in came_along or name in (*FORMER, *FORMER.values(), *MACROS) or filled or elsewhere:
            continue
        if not any(name.encode() in text for other, text in data.items() if other != path):
            known = {_stem(each): each for each in came_along if each.startswith(f"templates/{folder}/")}
            meant = [known[stem] for stem in closest(_stem(name), known)]
            hint = f"did you mean {meant[0]}?" if meant else "remove it, or take it in from another template"
            yield Problem(Origin("template", path, 1, 1), "", "is not read", hint, "name", "warning")


def _stem(path: str) -> str:
    """A name without folders and endings."""
    return path.rpartition("/")[2].partition(".")[0]


def of_profile(own_templates: Sequence[str], profile: Profile) -> list[str]:
    """The own templates of its engines first, then those that all profiles share."""
    folders = tuple(f"templates/{engine.name}/" for engine in profile.engines.values())
    shared = [p for p in own_templates if p not in ROOT and (p.count("/") == 1 or p.startswith(f"templates/{_HOME}/"))]
    return [path for path in own_templates if path.startswith(folders)] + shared
