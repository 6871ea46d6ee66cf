"""Makes one report of profiles that were measured one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from mmcompose.bench.report.vram import Report, data
from mmcompose.bench.report.vram_advice import advice
from mmcompose.bench.results.memory_curve import DEFINITIONS
from mmcompose.bench.vram.run_folder import KIND
from mmcompose.bench.vram.running import VramRun
from mmcompose.bench.vram.stay import is_up
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.docker.observe import observe
from mmcompose.deploy.pick import refuse_unknown
from mmcompose.model import Profile
from mmcompose.model.failure import Failure


def chosen(profiles: Mapping[str, Profile], wanted: Sequence[str]) -> list[str]:
    """The wanted profiles, else those that have this kind in their `bench:` list."""
    refuse_unknown(wanted, profiles)
    found = list(dict.fromkeys(wanted)) or [
        name
        for name, profile in sorted(profiles.items())
        if any(KIND in service.bench for service in profile.services.values())
    ]
    if not found:
        raise Failure(f"no profile has `{KIND}` in its `bench:` list; name the profiles to measure", 2)
    return found


def refuse_up(engine: DockerEngine, project: str, names: Sequence[str]) -> None:
    """Refuses where all of them are up, since nothing could be measured."""
    alive = {one.profile for one in observe(engine, project) if one.alive}
    if alive.issuperset(names):
        raise Failure("\n".join(map(is_up, names)))


def together(reports: Sequence[Report]) -> Report:
    """The common report; the machine is the same for all."""
    first = reports[0]
    return Report(
        first.timestamp,
        first.total_mb,
        next((one.baseline_mb for one in reports if one.baseline_mb is not None), None),
        [result for one in reports for result in one.results],
        [name for one in reports for name in one.skipped],
        list(dict.fromkeys(line for one in reports for line in one.notes)),
    )


def data_of(whole: Report, finished: Sequence[VramRun]) -> str:
    """The report as JSON, with the meaning of its figures and the folder of each run."""
    runs = [str(one.folder) for one in finished]
    full = {**data(whole), "advice": advice(whole), **finished[0].reading, "definitions": DEFINITIONS, "runs": runs}
    return json.dumps(full, indent=2, ensure_ascii=False) + "\n"
