"""Measures any endpoint from a container on this machine's network, with no facts but the server's answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mmcompose.bench.run import aftermath, launch, surroundings
from mmcompose.bench.run.begun import Run, context_file, kept_in
from mmcompose.bench.run.folders import owner, prepare
from mmcompose.bench.run.input import Input
from mmcompose.bench.run.kind import ClientKind
from mmcompose.bench.run.launch import ContainerStop, OutputLine
from mmcompose.bench.run.measuring import RECEIPTS, Finished, have_image
from mmcompose.bench.run.one_at_a_time import labels, refuse_beside_address
from mmcompose.deploy.docker.binding import bind
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.engines.known.benchmarks import RELEASE, Kind
from mmcompose.model.failure import Failure

_TMP = "/tmp"  # noqa: S108 - of the container
_KEY, _KEY_OPTION = "/run/secrets/api_key", "--api-key-file"
_HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")


def checked(url: str) -> str:
    """The address, if it holds no secret: results, reports and process lists show it. No message repeats
    the address, since it may hold a password."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        scheme, host, _ = parts.scheme, parts.hostname, parts.port
    except ValueError:
        raise Failure("its port is no number up to 65535, or its host is none: write http://HOST:PORT", 2) from None
    if "@" in parts.netloc:
        raise Failure("it holds a password: put the key in a file and use -- --api-key-file FILE", 2)
    if "?" in url or "#" in url:
        raise Failure(
            "it holds a query or a fragment, which may be a key and is not sent: "
            "leave it out, put a key in a file and use -- --api-key-file FILE",
            2,
        )
    if scheme not in ("http", "https") or not host:
        raise Failure("it is no address of an HTTP server: write http://HOST:PORT or https://HOST[/v1]", 2)
    return url


@dataclass(frozen=True, slots=True)
class AddressJob:
    """`user` is who the benchmarks of this machine run as."""

    url: str
    kind: Kind
    program: ClientKind
    image: str
    context: Path
    results: Path
    user: str = ""
    arguments: tuple[str, ...] = ()
    given: Input | None = None
    rebuild: bool = False
    repeat: str = ""


def measure(engine: DockerEngine, job: AddressJob, tell: Callable[[OutputLine], None]) -> Finished:
    refuse_beside_address(engine, job.url)
    have_image(engine, job.image, job.context, job.rebuild, tell)
    prepare(job.results, job.kind.results, job.user)
    run = Run.begun(job.results, job.kind.results, _subject(job))
    tool = {"name": job.program.tool, "version": RELEASE, "image": job.image}
    known = {
        "run": {
            "repeat_with": job.repeat,
            "tool": tool | {"digest": surroundings.digest(engine.image(job.image))},
            **run.known(engine),
        },
        "host": surroundings.host(engine.info(), engine.version()) | {
            "client_placement": {"same_host": None, "network": "host"}
        },
    }  # fmt: skip
    with kept_in(run.folder), context_file(job.results, run.token, known) as context:
        more = job.program.begin(run, known, context, job.arguments)
        command = engine.docker_command(*_arguments(job, run, more))
        ended = launch.run(command, tell, ContainerStop(engine.docker_command(), run.container))
        code = job.program.end(run, ended, {})
        if not run.written:
            return Finished(job.kind.name, code or 4, None, ended.last_lines)
        images = job.given.place if job.given else job.context / RECEIPTS
        record = aftermath.complete(run.folder, job.program, {}, (), None, images)
        return Finished(job.kind.name, code, record, ended.last_lines)


def _subject(job: AddressJob) -> str:
    """The name of the run: `--label`, else the host of its address."""
    for argument, following in zip(job.arguments, [*job.arguments[1:], ""], strict=False):
        name, given, value = argument.partition("=")
        if name == "--label":
            return value if given else following
    return urlsplit(job.url).hostname or "address"


def key_file(arguments: Sequence[str]) -> str:
    """The file of `--api-key-file`, as typed; empty if there is none."""
    for argument, following in zip(arguments, [*arguments, ""][1:], strict=True):
        option, equals, value = argument.partition("=")
        if option == _KEY_OPTION:
            return value if equals else following
    return ""


def _inside(arguments: Sequence[str]) -> list[str]:
    """Replaces the file of a key by its path inside the container, where it is mounted."""
    inside = list[str]()
    for before, argument in zip(("", *arguments), arguments, strict=False):
        given = before == _KEY_OPTION
        inside.append(
            _KEY if given else f"{_KEY_OPTION}={_KEY}" if argument.startswith(f"{_KEY_OPTION}=") else argument
        )
    return inside


def _arguments(job: AddressJob, run: Run, more: Sequence[str]) -> Sequence[str]:
    mounts = [*bind(job.results, "/results")]
    read = job.given.arguments if job.given else ()
    if job.given:
        mounts += bind(job.given.place, job.given.inside, read_only=True)
    if key := key_file(job.arguments):
        mounts += bind(Path(key), _KEY, read_only=True)
    program, *rest = job.kind.program
    return [
        *(
            "run",
            "--rm",
            "--name",
            run.container,
            *labels(job.url, job.kind.name),
            "--network",
            "host",
            "--user",
            owner(job.results / job.kind.results),
            *_HARDENED,
            *("--tmpfs", f"{_TMP}:size={job.kind.tmpfs},mode=1777,nosuid,nodev"),
            *("--memory", job.kind.memory, "--pids-limit", str(job.kind.pids)),
            *mounts,
        ),
        *("--entrypoint", program, job.image, *rest, "--base-url", job.url, *more, *read),
        *_inside(job.arguments),
    ]
