"""The runs that measure an address: nothing is known of its server, and nothing is started."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from mmcompose.cli.printing.output import fail
from mmcompose.cli.shell.failing import docker
from mmcompose.cli.shell.here import compiled, root, runs
from mmcompose.deploy.interruption import terminable
from mmcompose.model.paths import RESULTS

if TYPE_CHECKING:
    from mmcompose.bench.run.measuring import Finished
    from mmcompose.bench.session.work import Request
    from mmcompose.cli.bench.progress import Progress
    from mmcompose.core.pipeline import Compilation


def against(folder: str, url: str, request: Request, progress: Progress) -> Generator[Finished]:
    """Any endpoint, by kinds that need only its address."""
    from mmcompose.bench.kinds import known
    from mmcompose.bench.run.address import AddressJob, checked, key_file, measure
    from mmcompose.bench.session.in_order import build_folder
    from mmcompose.bench.session.work import know_options
    from mmcompose.core.hints import nearest
    from mmcompose.core.render.compose.benches import image
    from mmcompose.deploy.ready.keys import BadKeyError, check_file
    from mmcompose.engines.known.benchmarks import contained, gates

    able = {name: kind for name, kind in contained().items() if kind.ours}
    wanted = request.kinds or gates()
    checked(url)
    place, made = root(folder), compiled(folder)
    for kind in wanted:
        if kind not in able:
            fail(f"{kind!r} cannot measure an address ({nearest(kind, able) or ', '.join(able)})", 2)
    know_options(made, request)
    if key := key_file(request.more):
        try:
            check_file(key)
        except BadKeyError as bad:
            fail(f"--api-key-file {bad}", 2)
    with terminable(), docker() as engine:
        runs(folder).settle(engine)
        for kind in wanted:
            job = AddressJob(
                url,
                able[kind],
                known.program_of(kind),
                image(made.client),
                build_folder(place, made, judged=False),
                place / RESULTS,
                user=_user(made),
                arguments=tuple(request.more),
                images=request.images if able[kind].sends_images else None,
                rebuild=request.rebuild,
                repeat=request.typed,
            )
            try:
                finished = measure(engine, job, progress)
            finally:
                progress.end()
            yield finished


def _user(made: Compilation) -> str:
    """The user that benchmarks run as, from the host file that the profiles name."""
    here = made.project.host if made.project else None
    host = next((profile.host for profile in made.profiles.values() if profile.host.name == here), None)
    return f"{host.uid}:{host.gid}" if host else ""
