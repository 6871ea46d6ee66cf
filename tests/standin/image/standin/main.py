"""One start of one engine: read the line, load, serve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

from mmcompose.engines.flags.history import at, parse

from . import ovms_files, services
from .engines import ENGINES, Engine
from .life import Life, die, say
from .line import Line, UsageError
from .serve import Server
from .told import Told, told

DATA = Path(sys.modules["mmcompose.engines"].__file__ or "").parent / "known"


def main(name: str) -> NoReturn:
    engine, wish = ENGINES[name], told()
    say(f"{engine.title} {wish.version}: takes its flags and answers like it, but runs no model")
    try:
        line = read(name, engine, wish)
    except UsageError as problem:
        problem.end()
    model = (line.positional or [line.first(*engine.model_flags)])[0]
    if fault := missing(name, model):
        die(fault, 1)
    life = Life(name, engine, wish, model)
    servables = ovms_files.read(line, wish.version) if name == "ovms" else None
    if servables:
        life.prepare = lambda: "\n".join(servables.faults.values())
    if name == "sam3":
        life.prepare = lambda: services.token_fault(line)
    life.begin()
    life.until_open()
    names = servables.names if servables else line.all(*engine.name_flags) or ([model] if model else [])
    serve(engine, life, line, names, servables)
    sys.exit(0)


def read(name: str, engine: Engine, wish: Told) -> Line:
    """By the flag history of the release that is played, or by our own service's real parser."""
    words = sys.argv[1:]
    if engine.read is None:
        return services.read(name, words)
    history = parse((DATA / name / "flags.json").read_text())
    return engine.read(at(history, wish.version), words)


def missing(name: str, model: str) -> str:
    """Weights by a path must be there; llama.cpp also looks at the first bytes."""
    if not model.startswith("/"):
        return ""
    path = Path(model)
    if name not in ("llamacpp", "ik_llama"):
        return "" if path.exists() else f"Invalid repository ID or local directory specified: '{model}'"
    try:
        begins = path.open("rb").read(4)
    except OSError as error:
        return f"gguf_init_from_file: failed to open GGUF file '{model}' ({error.strerror})"
    return "" if begins == b"GGUF" else "gguf_init_from_file_impl: invalid magic characters"


def serve(engine: Engine, life: Life, line: Line, names: list[str], servables: ovms_files.Servables | None) -> None:
    port = int(line.first(engine.port_flag) or engine.port)
    if port == 0:
        die("the REST port is 0 and nothing else is played here: give --rest_port", 1)
    host = line.first(engine.host_flag) or engine.host
    with Server(("127.0.0.1" if host == "localhost" else host, port), life, names) as server:
        server.keys, server.servables = line.all("api_key"), servables
        server.metrics_on = bool(engine.metrics) and (not engine.metrics_switch or line.on(engine.metrics_switch))
        if servables:
            server.metrics_on = bool(servables.metrics)
        say(f"listens on {host}:{port}")
        server.serve_forever(poll_interval=0.1)
