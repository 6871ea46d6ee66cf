"""Reports a `why:` for a value that is not set: it explains nothing."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Subject
from mmcompose.core.resolve.reasons import NOTES, rank
from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.model import Problem, dotted, parse_path


def check(subject: Subject, _: Around) -> Iterator[Problem]:
    tree = subject.tree
    why = tree.present(("why",))
    for name, text in why.value.items() if why else ():
        path = parse_path(name)
        if (
            name != NOTES
            and text.value is not None
            and tree.at(path) is None
            and tree.at(("derived", name)) is None  # on this host it comes to nothing, on another it may not
            and not ((above := tree.nearest(path)).value is None and rank(above) > rank(text))  # removed as a whole
        ):
            known = [dotted(path) for path, _ in tree.leaves() if path[0] != "why"]
            hint = did_you_mean(name, known) or "write a dotted path such as args.max_num_seqs, or `notes`"
            yield Problem(text.place, f"why.{name}", "explains a value that is not set", hint, "why")
