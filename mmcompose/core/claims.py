"""Every service that wants something of its host, in an order that never depends on the order of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mmcompose.model import Profile, Seat, Service, Setting

Seats = dict[str, dict[str, Seat]]


def claims(profiles: Iterable[Profile]) -> Iterator[tuple[Profile, str, Service, Setting]]:
    for profile in profiles:
        for name, service in profile.services.items():
            yield profile, name, service, profile.settings[name]
