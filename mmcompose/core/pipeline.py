"""Runs the stages: read, resolve, validate, place, render. Bytes in, texts out, and every Problem on the way.

sources ─read→ Documents ─resolve→ Profiles ─validate→ ─place→ Stack ─render→ Artifacts
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from mmcompose.core.check import checks
from mmcompose.core.check import project as check_project
from mmcompose.core.check.rules import catalogue
from mmcompose.core.given import Given
from mmcompose.core.place.seats import Placed, place, wishes_are_sure
from mmcompose.core.place.subject import Around
from mmcompose.core.read import documents, schema
from mmcompose.core.read.documents import Documents, Source
from mmcompose.core.read.overrides import Override, of_no_service
from mmcompose.core.read.typed import for_profile
from mmcompose.core.render import build_folders, own_templates
from mmcompose.core.resolve import bind
from mmcompose.core.resolve.projects import Resolved, line_faults, resolved
from mmcompose.core.resolve.resolver import Resolver
from mmcompose.model import Origin, Problem, Profile, Project, Stack, meet
from mmcompose.model.paths import SETTINGS, of_profile

if TYPE_CHECKING:
    from mmcompose.core.render.renderer import Made
    from mmcompose.core.render.target import Rendering


class Compilation:
    """One run through the stages. Each stage runs when another part first reads it."""

    def __init__(self, given: Given) -> None:
        self.given = given

    def with_values(self, name: str, overrides: Sequence[Override], more: Sequence[Source] = ()) -> Compilation:
        """The same project with these values in one profile; `more` are sources of further profiles.

        Nothing is read a second time, and profiles without these values are neither judged nor rendered again.
        """
        assert self.stack is not None
        files = {file for profile in self.profiles.values() for file in profile.lineage}
        touched = self.profiles[name].file if name in self.profiles else ""
        other = Compilation(
            self.given._replace(
                sources=[*self.given.sources, *more],
                remembered=self.stack.seats,
                overrides=overrides,
                only=frozenset((name,)),
                unchanged=frozenset(files - {touched}),
            )
        )
        other.schemas, other.contexts = self.schemas, self.contexts
        other.documents = documents.joined(self.documents, documents.read(more, self.schemas, {}))
        return other

    @cached_property
    def schemas(self) -> dict[str, dict[str, Any]]:
        return schema.bundles(self.given.schemas)

    @cached_property
    def documents(self) -> Documents:
        return documents.read(self.given.sources, self.schemas, self.given.unreadable)

    @cached_property
    def _line_faults(self) -> list[schema.SchemaFault]:
        return line_faults(self.schemas["profile"], self.given.overrides)

    @cached_property
    def project(self) -> Project | None:
        layer = self.documents.of("project").get("mmcompose")
        return bind.project(layer.root) if layer else None

    @cached_property
    def _ground(self) -> Project:
        """The project as far as it is known: profiles are judged even where mmcompose.yaml has faults."""
        if self.project is not None:
            return self.project
        layer = self.documents.known("project").get("mmcompose")
        return bind.guessed_project(layer.root if layer else None)

    @cached_property
    def contexts(self) -> dict[str, build_folders.Folder]:
        """The build folders that come with mmcompose, by backend."""
        return build_folders.found(self.given.sources)

    @cached_property
    def contents(self) -> dict[str, str]:
        """The content hashes of these folders."""
        return {name: build_folders.content_hash(files) for name, files in self.contexts.items()}

    @property
    def profiles(self) -> dict[str, Profile]:
        return self._resolved.profiles if self.project is not None else {}

    @cached_property
    def _resolved(self) -> Resolved:
        host, refused = self._ground.host or None, [fault.path for fault in self._line_faults]
        sound = [o for o in self.given.overrides if not any(meet(o.path, path) for path in refused)]
        as_written = Resolver(self.documents, host, (), self.contents)
        overridden = Resolver(self.documents, host, sound, self.contents, refused)
        return resolved(as_written, overridden, self.given.only)

    @cached_property
    def _judged(self) -> dict[str, list[Problem]]:
        """The Problems of each profile, as far as it is known."""
        found = {}
        for name, profile in self._every.items():
            mine = [] if name in self.settled else list(for_profile(name, checks.profile(profile, self._around)))
            if self.given.today:
                mine += catalogue.expired(profile, self.given.today)
            found[name] = mine
        return found

    @property
    def _every(self) -> dict[str, Profile]:
        return {**self._resolved.profiles, **self._resolved.doubtful}

    def tried(self, name: str, overrides: Sequence[Override]) -> Profile | None:
        """One profile with these overrides instead; None where it cannot be resolved."""
        if self.project is None:
            return None
        profile, problems = Resolver(self.documents, self.project.host, overrides, self.contents).resolve(name)
        return None if problems or profile.doubts else profile

    @cached_property
    def _placed(self) -> Placed:
        if self.project is None:
            return Placed({}, [], [])
        return place(self.project, self.profiles, self.given.remembered)

    @property
    def moves(self) -> list[Problem]:
        """Warnings about ports that differ from those in the lock."""
        return ordered(self._placed.moves)

    @cached_property
    def _crowded(self) -> list[Problem]:
        """Conflicts between profiles of one host. A profile in doubt counts if its ports and GPUs are certain."""
        sure = {name: p for name, p in self._resolved.doubtful.items() if wishes_are_sure(p)}
        if not sure:
            return self._placed.problems
        return place(self._ground, {**self.profiles, **sure}, self.given.remembered).problems

    @cached_property
    def stack(self) -> Stack | None:
        return Stack(self.project, self.profiles, self._placed.seats) if self.project is not None else None

    @cached_property
    def settled(self) -> frozenset[str]:
        """Profiles whose outputs cannot have changed: their files and their seats are unchanged."""
        if self.stack is None:
            return frozenset()
        return frozenset(
            name
            for name, profile in self.profiles.items()
            if self.given.unchanged.issuperset(profile.lineage)
            and self.stack.seats[name] == self.given.remembered.get(name)
        )

    @cached_property
    def _around(self) -> Around:
        hosts = {name: layer.root for name, layer in self.documents.of("host").items()}
        templated = frozenset(
            engine.name
            for profile in self._every.values()
            if own_templates.of_profile(self._own_templates, profile)
            for engine in profile.engines.values()
        )
        return Around(self._ground, self.given.histories, self.given.world, hosts, templated)

    @cached_property
    def problems(self) -> list[Problem]:
        """Every Problem found so far, sorted by file and line."""
        found = [*self.documents.problems, *self._resolved.problems, *self._crowded]
        found += (fault.problem for fault in self._line_faults)
        found += build_folders.moved(self.given.sources)
        found += own_templates.moved(self._own_templates)
        found += own_templates.old_fetching(self._own_templates, self.given.sources)
        found += own_templates.unread(self._own_templates, self.given.sources, self.documents.known("backend"))
        if not self.given.at_home:
            found += check_project.flag_histories(self.documents.known("backend").values(), self.given.histories)
        found += (problem for mine in self._judged.values() for problem in mine)
        if self.project is not None:
            found += check_project.check(self.project, self.documents.names("profile"))
        elif ("project", "mmcompose") not in self.documents.broken:
            where = Origin("project", SETTINGS, 1, 1)
            found.append(Problem(where, "", "the file is missing", "`mmcompose init` writes one", "project"))
        return ordered([*found, *checks.stack(self._every), *of_no_service(self.given.overrides, self._every)])

    def concerning(self, names: Collection[str]) -> list[Problem]:
        """All problems but those in the files of other profiles alone."""
        files = {of_profile(one) for name in names for one in self.documents.ancestors(name)}
        others = {of_profile(name) for name in self.documents.names("profile")} - files
        return [p for p in self.problems if p.rule in checks.OF_TWO or p.origin is None or p.origin.file not in others]

    @cached_property
    def _rendering(self) -> Rendering:
        from mmcompose.core.render.renderer import Renderer
        from mmcompose.core.render.target import Rendering

        assert self.stack is not None
        given, templates = self.given, own_templates.texts(self.given.sources)
        make = partial(
            Renderer, self.stack.project, templates, given.histories, self.contents, given.bounds, given.compiled
        )
        return Rendering(self.stack, make, self._own_templates, self._around)

    @cached_property
    def _own_templates(self) -> list[str]:
        return [] if self.given.at_home else own_templates.own(self.given.sources)

    def rendered(self, name: str) -> Made:
        """The files of one profile."""
        return self._rendering.of_profile(name)

    def artifacts(self) -> Made:
        """Renders all profiles that are not settled, and the files that they share. Call it only when there is no
        error."""
        files, problems = self._rendering.of_all([n for n in self.profiles if n not in self.settled], self.contexts)
        return files, ordered(problems)

    def template_faults(self, names: Collection[str]) -> list[Problem]:
        """Faults that only rendering shows, for the profiles that have no other fault."""
        if self.stack is None:
            return []
        crowding = {problem.origin.file for problem in errors(self._crowded) if problem.origin}
        if not crowding.issubset(profile.file for profile in self.profiles.values()):
            return []
        fine = {name for name in names if name in self.profiles and not errors(self._judged[name])}
        fine -= {name for name in fine if not crowding.isdisjoint(self.profiles[name].lineage)}
        return ordered([fault for name in sorted(fine) for fault in self.rendered(name)[1]])


def ordered(problems: Sequence[Problem]) -> list[Problem]:
    """The Problems sorted by place, each once: many profiles may share a faulty line."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.origin or Origin("", ""), p.path, p.message))


def errors(problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]
