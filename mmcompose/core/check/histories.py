"""Reports backends of a project that name a flag history which does not exist: nothing would check their arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mmcompose.engines.flags.history import Histories
from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.known.histories import names
from mmcompose.model import Layer, Problem
from mmcompose.model.paths import OURS


def check(backends: Iterable[Layer], histories: Histories) -> Iterator[Problem]:
    for layer in backends:
        found = layer.root.present(("history",))
        if found is None or found.origin.file.startswith(OURS) or histories(found.value) is not None:
            continue
        message = f"no flag history {found.value!r}, so no argument is checked"
        hint = did_you_mean(found.value, names()) or "leave it out; `mmcompose engines list` shows those that there are"
        yield Problem(found.origin, "history", message, hint, "flag-history", "warning")
