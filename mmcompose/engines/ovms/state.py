"""Whether a servable answers, by what the server itself says: the body of `GET /v1/config`."""

from __future__ import annotations

import json
from typing import NamedTuple

AVAILABLE = "AVAILABLE"


class ServableState(NamedTuple):
    """The state of one servable, and why it is not available where the server tells."""

    state: str
    reason: str = ""
    final: bool = False

    @property
    def available(self) -> bool:
        return self.state == AVAILABLE


def servable_state(config_status_json: str, name: str) -> ServableState:
    """The best state among the versions of a servable. `final`: the server will not get further by itself."""
    try:
        told = json.loads(config_status_json)
    except (ValueError, RecursionError):
        return ServableState("UNKNOWN", "the answer is no JSON")
    if not isinstance(told, dict):
        return ServableState("UNKNOWN", "the answer is no JSON object")
    if name not in told:
        if isinstance(told.get("error"), str):
            return ServableState("UNKNOWN", told["error"])
        served = ", ".join(sorted(map(str, told))) or "nothing"
        return ServableState("MISSING", f"the server does not know {name}; it serves {served}")
    versions = told[name].get("model_version_status") if isinstance(told[name], dict) else None
    if not isinstance(versions, list) or not versions:
        return ServableState("MISSING", f"no version of {name} is loaded")
    states = [_version_state(version) for version in versions]
    return max(states, key=lambda state: (state.available, not state.final))


def _version_state(version: object) -> ServableState:
    if not isinstance(version, dict) or not isinstance(version.get("state"), str):
        return ServableState("UNKNOWN", "the answer has no state")
    state = version["state"]
    if state == AVAILABLE:
        return ServableState(state)
    status = version.get("status")
    code = str(status.get("error_code", "")) if isinstance(status, dict) else ""
    message = str(status.get("error_message", "")) if isinstance(status, dict) else ""
    if state == "LOADING" and code not in {"", "OK"}:
        told = code if message in {"", code} else f"{code}: {message}"
        return ServableState(state, f"loading failed ({told}); the server's log says why", final=True)
    return ServableState(state, f"still {state.lower()}", final=state == "END")
