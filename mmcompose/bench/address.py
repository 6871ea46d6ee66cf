"""Any endpoint, measured from a container on the network of this machine: nothing is known of it but what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mmcompose.bench import aftermath, launch, surroundings
from mmcompose.bench.folders import owner, prepare
from mmcompose.bench.launch import Heard, Stop
from mmcompose.bench.measuring import RECEIPTS, Finished, Run, context_file, have_image, kept_in
from mmcompose.core.bench import KINDS, RELEASE

if TYPE_CHECKING:
    from mmcompose.deploy.engine import Engine

_TMP = "/tmp:size=64m,mode=1777,nosuid,nodev"  # noqa: S108 - of the container
_HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", _TMP,
             "--memory", "1g", "--pids-limit", "256")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """`user` is who the benchmarks of this machine run as."""

    url: str
    kind: str
    image: str
    context: Path
    results: Path
    user: str = ""
    words: tuple[str, ...] = ()
    images: Path | None = None
    rebuild: bool = False
    repeat: str = ""


def measure(engine: Engine, visit: Visit, tell: Callable[[Heard], None]) -> Finished:
    have_image(engine, visit.image, visit.context, visit.rebuild, tell)
    prepare(visit.results, visit.kind, visit.user)
    run = Run.begun(visit.results, visit.kind, _subject(visit))
    tool = {"name": "mmbench", "version": RELEASE, "image": visit.image}
    known = {
        "run": {
            "repeat_with": visit.repeat,
            "tool": tool | {"digest": surroundings.digest(engine.image(visit.image))},
            **run.known(engine),
        },
        "host": surroundings.host(engine.info(), engine.version()) | {
            "client_placement": {"same_host": None, "network": "host"}
        },
    }  # fmt: skip
    with kept_in(run.folder), context_file(visit.results, run.token, known) as context:
        command = engine.docker_command(*_words(visit, run, context))
        ended = launch.run(command, tell, Stop(engine.docker_command(), run.container))
        code = run.ended(ended)
        if not run.written:
            return Finished(visit.kind, code or 4, None, ended.said)
        record = aftermath.complete(run.folder, {}, (), None, visit.images or visit.context / RECEIPTS)
        return Finished(visit.kind, code, record, ended.said)


def _subject(visit: Visit) -> str:
    """What the run is called: as a person says, else by its host."""
    for word, following in zip(visit.words, [*visit.words[1:], ""], strict=False):
        name, given, value = word.partition("=")
        if name == "--label":
            return value if given else following
    return urlsplit(visit.url).hostname or "address"


def _words(visit: Visit, run: Run, context: str) -> Sequence[str]:
    mounts = ["--volume", f"{visit.results.resolve()}:/results"]
    images: list[str] = []
    if visit.images:
        mounts += ["--volume", f"{visit.images.resolve()}:/images/{visit.images.name}:ro"]
        images = ["--image", f"/images/{visit.images.name}"]
    program = KINDS[visit.kind].program
    return [
        *(
            "run",
            "--rm",
            "--name",
            run.container,
            "--network",
            "host",
            "--user",
            owner(visit.results / visit.kind),
            *_HARDENED,
            *mounts,
        ),
        *("--entrypoint", program[0], visit.image, *program[1:], "--base-url", visit.url, "--run-dir", run.inside),
        *("--context", context, "--progress", "json", *images, *visit.words),
    ]
