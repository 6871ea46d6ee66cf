"""Shows a client how to use an engine: the base URL, the model's name, and a command to paste that sends a request."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from mmcompose.deploy.wanted import Expected

_CHAT = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Client:
    """The access to an engine. `base_url` is the one for client packages such as openai; an engine that does not
    chat has none."""

    service: str
    base_url: str
    model: str
    paste: str


def client(expected: Expected, address: str, model: str) -> Client | None:
    """The client of an engine at `address` that calls its model `model`; None if the engine does not chat."""
    path = expected.probe.path or ""
    if not path.endswith(_CHAT):
        return None
    url = f"http://{address}{path}"
    command = f"curl -s {shlex.quote(url)} -H 'Content-Type: application/json'"
    if expected.secret:
        command += f' -H "Authorization: Bearer $(cat {shlex.quote(expected.secret)})"'
    paste = (
        _page(command, model)
        if expected.probe.kind == "ocr"
        else f"{command} -d {shlex.quote(_body(model, 'Hello', max_tokens=100))}"
    )
    return Client(expected.service, url.removesuffix(_CHAT), model, paste)


def _body(model: str, content: object, **more: int) -> str:
    """The body of a request, with a limit for a greeting: a small model may not end by itself."""
    return json.dumps({"model": model, "messages": [{"role": "user", "content": content}], **more})


def _page(command: str, model: str) -> str:
    """Sends a page through a pipe: an argument of a program is limited to 128 kB, and most pages are larger."""
    text = {"type": "text", "text": "Text Recognition:"}
    image = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,@"}}
    before, after = _body(model, [text, image]).rsplit("@", 1)
    return f"(printf %s {shlex.quote(before)}; base64 -w0 PAGE.jpg; printf %s {shlex.quote(after)}) | {command} -d @-"
