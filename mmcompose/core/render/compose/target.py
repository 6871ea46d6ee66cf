"""Docker Compose: two files for each profile, one file that includes them all, and the build folders of images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from mmcompose.core.place.subject import Around
from mmcompose.core.place.supplies import fetched_by_engines
from mmcompose.core.read.typed import for_profile
from mmcompose.core.render import build_folders, escape, own_templates
from mmcompose.core.render.build_folders import Folder
from mmcompose.core.render.compose.unit import Unit
from mmcompose.core.render.compose.units import units
from mmcompose.core.render.parsed_back import parsed_back
from mmcompose.core.render.renderer import Made, Renderer
from mmcompose.core.render.target import Target
from mmcompose.model import Problem, Profile, Seat
from mmcompose.model.labels import CONFIG as CONTENT
from mmcompose.model.targets import BUILD, COMPOSE, CONFIG


def yaml(value: Any) -> str:
    return escape.scalar(value, yaml_text)


def yaml_text(text: str) -> str:
    """A scalar with each `$` doubled, so that Compose interpolates nothing."""
    return escape.yaml_text(text).replace("$", "$$")


class Compose(Target):
    name = COMPOSE.name
    finalizers = {**escape.FINALIZERS, ".yaml": yaml}

    def of_profile(self, renderer: Renderer, profile: Profile, seats: Mapping[str, Seat]) -> Made:
        profile = fetched_by_engines(profile, [key for key in profile.services if not renderer.fetches(profile, key)])
        configs = {key: renderer.configs(profile, key) for key in profile.services}
        found = units(renderer.project, profile, seats, renderer.histories, renderer.contents)
        made = [_marked(unit, configs[key]) for key, unit in found.items()]
        context = {
            "profile": _shown(profile, made),
            "units": made,
            "volumes": {volume.key: volume for unit in made for volume in unit.volumes}.values(),
            "secrets": [secret for unit in made for secret in (*unit.secrets, unit.token) if secret],
            "own_macros": renderer.has(own_templates.MACROS),
        }
        base, overlay = _paths(profile)
        files = {
            f"{COMPOSE.name}/{CONFIG}/{profile.name}/{key}/{name}": text
            for key, texts in configs.items()
            for name, text in texts.items()
        }
        files[base] = renderer.text("compose/compose.yaml.j2", context)
        files[overlay] = renderer.text("compose/overlay.yaml.j2", context)
        # Values cannot break what the escaper wrote; templates can. So one profile of each shape is parsed back.
        if not renderer.is_new(tuple(unit.shape for unit in made)):
            return files, []
        names = [unit.name for unit in made]
        problems = [problem for path in (base, overlay) for problem in parsed_back(path, files[path], "services", names)]
        return files, problems

    def of_project(self, renderer: Renderer, profiles: Mapping[str, Profile], folders: Mapping[str, Folder]) -> Made:
        built = build_folders.emitted(folders, profiles.values())
        files = {f"{COMPOSE.name}/{BUILD}/{path}": text for path, text in built.items()}
        files[COMPOSE.at_top] = text = renderer.text("compose/root.yaml.j2", {"names": sorted(profiles)})
        return files, parsed_back(COMPOSE.at_top, text)

    def judged(
        self, files: Mapping[str, str], own: Sequence[str], profiles: Sequence[Profile], around: Around
    ) -> Iterator[Problem]:
        from mmcompose.core.check.rules.rendered import Rendered, judge, judge_root

        if COMPOSE.at_top in files:
            root = [path for path in own_templates.ROOT if path in own]
            yield from judge_root(files[COMPOSE.at_top], root[-1], profiles) if root else ()
            return
        (profile,) = profiles
        if mine := own_templates.of_profile(own, profile):
            base, overlay = _paths(profile)
            made = Rendered(profile, files[base], files[overlay], mine)
            yield from for_profile(profile.name, judge(made, around))


TARGET = Compose()


def _paths(profile: Profile) -> list[str]:
    return [f"{COMPOSE.name}/{path}" for path in COMPOSE.files_of(profile.name)]


def _marked(unit: Unit, configs: Mapping[str, str]) -> Unit:
    """Adds a label with the hash of mounted files: Compose does not recreate a container when such a file changes."""
    if not configs:
        return unit
    content = hashlib.sha256("".join(text for _, text in sorted(configs.items())).encode()).hexdigest()
    return unit._replace(labels={**unit.labels, CONTENT: content})


def _shown(profile: Profile, made: list[Unit]) -> SimpleNamespace:
    benches = any(unit.benches for unit in made)
    return SimpleNamespace(
        name=profile.name, names=profile.names, file=profile.file, description=profile.description, benches=benches
    )

