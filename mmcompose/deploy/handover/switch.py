"""Hands the GPU over as a transaction: after any failure behind the first stop, the former owner comes back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mmcompose.deploy.causes.recognise import Cause
from mmcompose.deploy.docker import ports
from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import Running, deployments, observe
from mmcompose.deploy.handover import gone, lock
from mmcompose.deploy.handover.plan import Plan, Stop, elsewhere, full_name, lines, plan, refusal
from mmcompose.deploy.handover.rollback import RESTORED, roll_back
from mmcompose.deploy.machine import nvml
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.ready.wait import FailedError, Waiting
from mmcompose.deploy.start import former, missing
from mmcompose.deploy.start.bring_up import await_answers, fetch, launch
from mmcompose.deploy.start.down import take_down
from mmcompose.deploy.start.order import Order, Tell
from mmcompose.model import Stack
from mmcompose.model.failure import Failure

_GONE = 60.0


class RolledBackError(Exception):
    """Reports a failed hand-over: the profiles that were brought back, and the ones that could not be; `former` is
    about the profile's own former values."""

    def __init__(
        self, failure: BaseException, restored: Sequence[str], broken: Sequence[str], former: str = ""
    ) -> None:
        super().__init__(str(failure))
        self.failure, self.restored, self.broken, self.former = failure, tuple(restored), tuple(broken), former


@dataclass(slots=True)
class Bringing:
    """One start of a profile. `take`: it may stop others."""

    engine: DockerEngine
    stack: Stack
    order: Order
    tell: Tell
    take: bool = False

    def run(self) -> None:
        began = time.monotonic()
        seen = self._look()
        missing.refuse(self.stack, self.order.wanted.profile, self.order.root)
        fetch(self.engine, self.order, self.tell)
        if not self.order.wanted.gpus and seen.free:
            self._act(seen, began)
            return
        image = next(iter(self.order.wanted.images))
        lease = 2 * self.order.timeout + RESTORED + 2 * _GONE
        with lock.held(self.engine, image, self._doing(seen), lease) as note:
            if note:
                self.tell(Event("note", self.order.wanted.profile, text=note))
            # Only what is seen under the lock counts.
            self._act(self._look(), began)

    def _look(self) -> Plan:
        """Decides the next step; refuses if others would have to stop and may not."""
        seen = deployments(observe(self.engine))
        current = plan(self.order.wanted, self.stack, seen)
        if current.up:
            # What runs is kept when it is what we would make, whoever started it.
            hashes = self.engine.hashes(self.order.files)
            same = all(one.config_hash == hashes.get(one.compose_service) for one in current.own)
            same = same and _stays_as_it_is(self.engine, current.own)
            current = replace(current, replaces=()) if same else plan(self.order.wanted, self.stack, seen, changed=True)
        folder = elsewhere(current, self.order.root)
        if (current.stops or folder) and not self.take:
            taking = self.order.taking or f"mmcompose switch {self.order.wanted.profile}"
            raise Failure(refusal(current, taking, folder))
        return current

    def _doing(self, seen: Plan) -> str:
        names = ", ".join(full_name(stop, self.order.wanted.project) for stop in seen.stops)
        return f"switch from {names} to {self.order.wanted.profile}" if names else f"up {self.order.wanted.profile}"

    def _act(self, now: Plan, began: float) -> None:
        profile = self.order.wanted.profile
        self.tell(Event("plan", profile, lines=tuple(lines(now))))
        if now.up and any(one.compose_project != self.order.wanted.project for one in now.own):
            # Compose would not see containers of another project, and make a second set under the same names.
            self.tell(Event("note", profile, text="already up from the same files; nothing to create"))
            if self.order.wait:
                order = self.order
                await_answers(Waiting(self.engine, order.wanted, order.root, order.timeout, began), self.tell)
            return
        self._check_ports(now)
        self._check_names(now)
        if now.stops:
            self._hand_over(now, began)
        else:
            self._start(now, began)

    def _start(self, now: Plan, began: float) -> None:
        """Starts with new values, and brings the former ones back if the new ones fail."""
        ready = [one for one in now.own if one.status == "running" and one.health != "unhealthy"]
        before = former.files_of(self.engine, self.order, now.own) if ready and not now.up else None
        try:
            self._replace(now)
            launch(self.engine, self.order, self.tell, began)
        except (FailedError, EngineError) as failure:
            if before is None:
                raise
            outcome = former.bring_back(self.engine, self.order, self.tell, before, now.own)
            raise RolledBackError(failure, (), (), outcome) from failure

    def _check_ports(self, now: Plan) -> None:
        """Finds a port that a stranger holds, before any profile is stopped in vain."""
        wanted = self.order.wanted
        freed = {port for stop in now.stops for port in stop.deployment.published}
        held = ports.holders(self.engine, wanted.published - freed)
        if not held:
            return
        # Looked at afterwards: somebody else may be bringing this very profile up.
        own = observe(self.engine, wanted.project, wanted.profile)
        ours = {port for one in own if one.alive for _, port in one.ports.values()}
        for port, who in sorted(held.items()):
            if port in ours:
                continue
            cause = Cause(
                "port-taken",
                f"port {port} is taken by {who}",
                f"free it, or give another one: mmcompose up {wanted.profile} --set ports.api=auto",
            )
            raise FailedError(cause, wanted.profile)

    def _check_names(self, now: Plan) -> None:
        """Finds a container name that a stranger holds; `containers` reads labels, so our own are known by their id."""
        if not now.stops:
            return
        wanted = self.order.wanted
        ours = {one.id for one in observe(self.engine, wanted.project, wanted.profile)}
        going = {one.id for stop in now.stops for one in stop.deployment.containers}
        names = {one.container for one in wanted.services}
        for answer in self.engine.containers({}):
            name = str(answer.get("Name", "")).removeprefix("/")
            if name in names and answer["Id"] not in ours | going:
                line = f"a container named {name} is there already, and it is not of this project"
                raise FailedError(Cause("name-taken", line, f"docker rm -f {name}"), wanted.profile)

    def _replace(self, now: Plan) -> None:
        if now.replaces:
            self.engine.stop([one.id for one in now.replaces if one.alive])
            self.engine.remove([one.id for one in now.replaces])

    def _hand_over(self, now: Plan, began: float) -> None:
        stopped: list[Stop] = []
        try:
            for stop in now.stops:
                stopped.append(stop)
                self._stop(stop)
            self._replace(now)
            launch(self.engine, self.order, self.tell, began)
        except BaseException as failure:
            restored, broken = roll_back(self.engine, self.stack, self.order, self.tell, stopped, failure)
            raise RolledBackError(failure, restored, broken) from failure
        for stop in stopped:
            take_down(self.engine, stop.deployment)

    def _stop(self, stop: Stop) -> None:
        began = time.monotonic()
        name = full_name(stop, self.order.wanted.project)
        self.tell(Event("phase", self.order.wanted.profile, phase="stop", text=name))
        ids = [one.id for one in stop.running]
        pids = gone.processes_of(self.engine, ids)
        self.engine.stop(ids)
        holders = nvml.holders()
        still = gone.wait(self.engine, ids, pids, _GONE, holders=holders)
        if still:
            cause = Cause("not-gone", f"{name} was stopped, and {still[0]}", "nvidia-smi shows who holds the GPU")
            raise FailedError(cause, self.order.wanted.profile)
        proof = ("NVML: its GPU memory is free",) if holders else ("its processes are gone",)
        took = time.monotonic() - began
        self.tell(Event("reached", self.order.wanted.profile, phase="stop", seconds=took, text=name, lines=proof))


_ALWAYS_THERE = ("", "default", "bridge", "host", "none")


def _stays_as_it_is(engine: DockerEngine, running: Sequence[Running]) -> bool:
    """Whether its network exists, and its image's name still means the image that it runs."""
    wanted = {one.network_mode for one in running if one.network_mode not in _ALWAYS_THERE}
    wanted = {name for name in wanted if not name.startswith("container:")}
    if wanted and not wanted <= set(engine.networks({})):
        return False
    images = {one.image: one.image_id for one in running}
    return all((engine.image(name) or {"Id": known})["Id"] == known for name, known in images.items())
