"""The phases of a start, in their order."""

from __future__ import annotations

PHASES = ("image", "create", "weights", "run", "port", "health", "model", "token")
"""`image`: pulled or built; `create`: by Compose; `weights`: fetched; `run`: its process runs; `port`: HTTP is
answered; `health`: the engine reports that it is well; `model`: the model is served; `token`: a first
real answer came."""

QUESTIONS = PHASES[PHASES.index("port") :]
"""Those that an engine itself answers."""

STATES = ("run", *QUESTIONS, "unhealthy", "ready")
"""What an engine that runs may be in; that of a profile is the earliest of its engines."""

TITLES = {
    "image": "fetching the image",
    "create": "creating the containers",
    "weights": "fetching the weights",
    "run": "starting the process",
    "port": "waiting for the port",
    "health": "loading, until the engine says it is well",
    "model": "waiting for the model",
    "token": "waiting for the first answer",
}
