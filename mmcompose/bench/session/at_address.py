"""Measures an address, by kinds that need no more than that: nothing is known of its server, and nothing is started."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mmcompose.bench.kinds import known
from mmcompose.bench.run.address import AddressJob, key_file, measure
from mmcompose.bench.run.launch import OutputLine
from mmcompose.bench.run.measuring import Finished
from mmcompose.bench.session.in_order import build_folder
from mmcompose.bench.session.work import Request, know_inputs, know_options
from mmcompose.core.hints import nearest
from mmcompose.core.pipeline import Compilation
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.ready.keys import BadKeyError, check_file
from mmcompose.engines.known.benchmarks import Kind, contained, gates
from mmcompose.model.failure import Failure
from mmcompose.model.paths import RESULTS, image


def kinds_for(made: Compilation, request: Request) -> list[Kind]:
    """The requested kinds, else the gates. Raises Failure where one of them or an option cannot be used."""
    able = {name: kind for name, kind in contained().items() if kind.ours}
    wanted = request.kinds or gates()
    for name in wanted:
        if name not in able:
            raise Failure(f"{name!r} cannot measure an address ({nearest(name, able) or ', '.join(able)})", 2)
    know_options(made, request)
    know_inputs([able[name] for name in wanted], request)
    if key := key_file(request.more):
        try:
            check_file(key)
        except BadKeyError as bad:
            raise Failure(f"--api-key-file {bad}", 2) from bad
    return [able[name] for name in wanted]


def measured(
    engine: DockerEngine,
    root: Path,
    made: Compilation,
    url: str,
    kinds: Sequence[Kind],
    request: Request,
    tell: Callable[[OutputLine], None],
) -> Iterator[Finished]:
    """Yields each result before the next is begun."""
    for kind in kinds:
        job = AddressJob(
            url,
            kind,
            known.of(kind.results),
            image(kind.context, made.contents.get(kind.context, "")),
            build_folder(root, made, kind.context, judged=False),
            root / RESULTS,
            user=_user(made),
            arguments=tuple(request.more),
            given=request.given_to(kind),
            rebuild=request.rebuild,
            repeat=request.typed,
        )
        yield measure(engine, job, tell)


def _user(made: Compilation) -> str:
    """The user that benchmarks run as, from the host file that the profiles name."""
    here = made.project.host if made.project else None
    host = next((profile.host for profile in made.profiles.values() if profile.host.name == here), None)
    return f"{host.uid}:{host.gid}" if host else ""
