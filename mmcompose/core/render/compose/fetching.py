"""The service that gets the weights of one unit before its engine starts."""

from __future__ import annotations

from mmcompose.core.place import supplies
from mmcompose.core.place.supplies import FORMER, STORE
from mmcompose.core.render.arguments import Argument
from mmcompose.core.render.compose.unit import Beside, Bind, Unit
from mmcompose.model import Resources, Security, Service, Supply, labels
from mmcompose.model.paths import FETCH, image
from mmcompose.model.targets import BUILD

_PROGRAM = "/fetch"
_PASSED_ON = ("HF_ENDPOINT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
_RESOURCES = Resources(memory="2g", pids=256)


def fetching(unit: Unit, content: str) -> Beside | None:
    """The service, where this unit needs one. It runs in the engine's image if that has the hub's library."""
    supply, service = unit.engine.supply, unit.service
    if supply is None or service.weights.fetch != "first":
        return None
    former = [one._replace(target=FORMER, read_only=True) for one in unit.volumes if one.cache == supply.former]
    store = [one._replace(read_only=False) for one in unit.volumes if one.target == STORE]
    folder = [one._replace(read_only=False) for one in unit.binds if one.target == STORE]
    program = [Bind(f"./{BUILD}/{FETCH}", _PROGRAM, read_only=True)] if supply.python else []
    options = ["--store", STORE, *(["--former", FORMER] if former else []), *supplies.request(service, unit.engine)]
    if unit.token:
        options += ["--token-file", f"/run/secrets/{unit.token.name}"]
    return Beside(
        name=f"fetch-{unit.name}",
        image=(service.image or "") if supply.python else image(FETCH, content),
        context="" if supply.python else f"./{BUILD}/{FETCH}",
        program=[supply.python or "python3", "-m", "mmfetch", "fetch"],
        arguments=[Argument(pair, None) for pair in _by_option(options)],
        env=_environment(unit, supply),
        volumes=[*store, *former],
        binds=[*folder, *program],
        secrets=[unit.token] if unit.token else [],
        labels={**unit.identity, labels.ROLE: "fetch"},
        user=supplies.keeper(unit.machine),
        network=unit.network,
        service=Service(
            tmpfs={"/tmp": "64m"},  # noqa: S108 - inside its container
            security=Security(network=service.security.network),
            resources=_RESOURCES,
            logging=service.logging,
        ),
    )


def _environment(unit: Unit, supply: Supply) -> dict[str, str]:
    found = {"PYTHONPATH": _PROGRAM, "PYTHONDONTWRITEBYTECODE": "1"} if supply.python else {}
    found |= {name: value for name, value in unit.service.env.items() if name in _PASSED_ON}
    if unit.machine.hub:
        found["HF_ENDPOINT"] = unit.machine.hub
    return found


def _by_option(line: list[str]) -> list[list[str]]:
    """A command line, each option with its value."""
    found: list[list[str]] = []
    for part in line:
        if part.startswith("--"):
            found.append([part])
        else:
            found[-1].append(part)
    return found
