"""The options of the benchmarks beside an engine of ours, where they are not those of the project."""

from __future__ import annotations

from mmcompose.core.imports.subject import Draft
from mmcompose.engines.flags.argv import command_line
from mmcompose.engines.flags.read_back import read_line
from mmcompose.engines.known import benchmarks
from mmcompose.model import Profile, Setting


def take_benches(one: Draft, base: Profile) -> None:
    service = base.services[one.name]
    for name, parts in one.found.benches.items():
        kind = benchmarks.contained().get(name)
        if kind is None:
            continue
        history, release = one.ground.histories(kind.history), kind.release(service)
        line = [str(part.value) for part in parts]
        usual = dict(command_line(history, release, service.bench_args.get(name) or {}))
        for argument in read_line(history, release, line).arguments:
            if usual.get(argument.name) != line[argument.first : argument.last + 1]:
                one.values["bench_args", name, argument.name] = Setting(argument.value, parts[argument.first].origin)
