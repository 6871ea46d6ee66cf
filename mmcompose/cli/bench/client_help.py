"""Shows the options of a client: what `-- --help` asks for."""

from __future__ import annotations

from collections.abc import Sequence

from mmcompose.cli.printing.output import fail
from mmcompose.engines.known.benchmarks import contained


def wants_help(profile: str | None, arguments: Sequence[str]) -> bool:
    """Whether these arguments ask for help; where no profile is named, the first of them stands in its place."""
    return bool({"-h", "--help"} & {profile, *arguments})


def tell_options(kinds: Sequence[str]) -> None:
    """Shows the options of the one kind that is named."""
    from mmcompose.cli.engines.flags import tell
    from mmcompose.cli.engines.known import history_of

    if len(kinds) != 1:
        fail(f"options belong to a kind: name one of {', '.join(kinds or contained())}", 2)
    tell(history_of(contained()[kinds[0]].history), None)
