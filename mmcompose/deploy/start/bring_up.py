"""Brings one profile's containers up: gets the images, lets Compose create, waits for answers. It stops nobody."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator

from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.recognise import NOT_PULLED, recognise
from mmcompose.deploy.docker import ports
from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import observe
from mmcompose.deploy.ready import keys
from mmcompose.deploy.ready.awaited import TAIL
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.ready.wait import FailedError, Waiting
from mmcompose.deploy.start import former, starters
from mmcompose.deploy.start.down import sweep
from mmcompose.deploy.start.order import Order, Tell
from mmcompose.deploy.start.own import Watched
from mmcompose.deploy.start.weights import Fetching
from mmcompose.deploy.wanted import WantedProfile

_GOES_ON = ("not-ready", "unhealthy", "engine-refused")
"""Failures after which the engine still runs and can be examined; all others end in a loop of restarts."""


_FETCHING = 7 * 24 * 3600.0
"""The most seconds for weights: the program that fetches them gives up by itself where nothing comes any more."""

_TRIES = 10
"""Starts that go on where others create and remove the same things: each try may meet the next of them."""


def fetch(engine: DockerEngine, order: Order, tell: Tell) -> bool:
    """Pulls or builds missing images. This takes long, so it happens before any profile has to make room."""
    wanted = order.wanted
    began = time.monotonic()
    again = {one.image for one in wanted.services if order.rebuild and one.image_type != "build"}
    pulls = [image for image in wanted.pulled if image in again or engine.image(image) is None]
    own = {one.image for one in wanted.services if one.image_type == "build"} | {
        image for image in wanted.fetching.values() if image
    }
    builds = bool(own) and (order.rebuild or any(engine.image(image) is None for image in own))
    if not pulls and not builds:
        return False
    tell(Event("phase", wanted.profile, phase="image"))
    for image in pulls:
        _streamed(engine, order, tell, engine.pull(image), image)
    if builds:
        _streamed(engine, order, tell, engine.build(order.files), "")
    tell(Event("reached", wanted.profile, phase="image", seconds=time.monotonic() - began))
    return True


def launch(engine: DockerEngine, order: Order, tell: Tell, began: float) -> None:
    """Creates the containers and waits. Raises FailedError; stops an engine that only dies and restarts, and keeps
    its log."""
    wanted = order.wanted
    created = time.monotonic()
    there = observe(engine, wanted.project, wanted.profile)
    before = {one.id: one.restarts for one in there if one.alive}
    watched = Watched(there)
    passed_on = watched.passing_on(tell)
    passed_on(Event("phase", wanted.profile, phase="create"))
    try:
        fetched = _create(engine, order, passed_on)
    except FailedError:
        _remove_unstarted(engine, wanted, watched)
        raise
    tell(Event("reached", wanted.profile, phase="create", seconds=time.monotonic() - created))
    starters.note(order.root, wanted.profile, there, observe(engine, wanted.project, wanted.profile))
    if not order.wait:
        return
    try:
        await_answers(Waiting(engine, wanted, order.root, order.timeout + fetched, began, before), tell)
    except FailedError as failed:
        if failed.cause.name not in _GOES_ON:
            _stop(engine, wanted)
        raise
    former.remember(order)


def _create(engine: DockerEngine, order: Order, tell: Tell) -> float:
    """Lets Compose create the containers; returns the seconds that fetching weights took. If another start took a name
    meanwhile, a second try uses the existing ones."""
    patience = order.timeout + (_FETCHING if order.wanted.fetching else 0)
    while_fetching = Fetching(engine, order.wanted, tell)
    for attempt in range(_TRIES):
        try:
            with while_fetching:
                _streamed(engine, order, while_fetching, engine.up(order.files, patience), "")
        except FailedError as failed:
            message = failed.__cause__.message if isinstance(failed.__cause__, EngineError) else ""
            taken = "already in use" in message or "already exists" in message
            there = observe(engine, order.wanted.project, order.wanted.profile) if taken else ()
            # Others of ours have the name, or a `down` at the same moment removed the network of this start.
            again = any(one.compose_project == order.wanted.project for one in there)
            again = again or bool(re.search(r"network \S+ not found", message))
            if not again or attempt == _TRIES - 1:
                raise
            time.sleep(0.3)
        else:
            break
    return while_fetching.seconds


def _remove_unstarted(engine: DockerEngine, wanted: WantedProfile, watched: Watched) -> None:
    """Removes the containers that Docker created for a refused start and that never ran, those that prepared it, and
    their network."""
    with contextlib.suppress(EngineError):
        own = watched.own(observe(engine, wanted.project, wanted.profile)).made
        engine.remove([one.id for one in own if one.status == "created" or one.role])
        if not observe(engine, wanted.project, wanted.profile):
            sweep(engine, wanted.project, wanted.profile)


def await_answers(waiting: Waiting, tell: Tell) -> None:
    """Waits until every engine has answered."""
    waiting.tell(tell)
    seconds = time.monotonic() - waiting.began
    tell(Event("ready", waiting.wanted.profile, seconds=seconds, lines=waiting.addresses(), clients=waiting.clients()))


def _streamed(engine: DockerEngine, order: Order, tell: Tell, lines: Iterator[str], image: str) -> None:
    try:
        for line in lines:
            if line.strip():
                tell(Event("line", order.wanted.profile, text=line))
    except EngineError as error:
        raise _failed(engine, order, error, image) from error


def _failed(engine: DockerEngine, order: Order, error: EngineError, image: str) -> FailedError:
    """The failure behind a refusal by Docker; if a container of the profile failed, its log explains it."""
    wanted = order.wanted
    log: tuple[str, ...] = ()
    container = None
    holders = {}
    with contextlib.suppress(EngineError):
        fallen = [
            one for one in observe(engine, wanted.project, wanted.profile) if one.status == "exited" and one.exit_code
        ]
        container = fallen[0] if fallen else None
        hide = keys.hiding(order.root, wanted.secrets)
        log = tuple(map(hide, engine.logs(container.id, tail=TAIL))) if container else ()
        holders = ports.holders(engine, wanted.published)
    evidence = Evidence(
        profile=wanted.profile,
        service=container.service if container else "",
        host=wanted.host,
        image=image or next(iter(wanted.images), ""),
        refusal=error.message,
        container=container,
        log=log,
        port_holders=holders,
    )
    cause = recognise(evidence)
    if cause.name in NOT_PULLED and image and _has(engine, image):
        line = f"image {image} could not be pulled again; the local one stays in use"
        cause = cause._replace(name="image-not-renewed", line=line, next=f"mmcompose up {wanted.profile}")
    return FailedError(cause, wanted.profile, evidence.service, log or tuple(error.message.splitlines()[-20:]))


def _has(engine: DockerEngine, image: str) -> bool:
    with contextlib.suppress(EngineError):
        return engine.image(image) is not None
    return False


def _stop(engine: DockerEngine, wanted: WantedProfile) -> None:
    with contextlib.suppress(EngineError):
        engine.stop([one.id for one in observe(engine, wanted.project, wanted.profile) if one.alive])
