"""`mmfetch fetch --url`: one file from a plain address, known by its sha256."""

from __future__ import annotations

import threading
from urllib.parse import unquote, urlsplit

from mmfetch.failures import USAGE, WRONG, Failure
from mmfetch.report import Report
from mmfetch.request import Wanted, inside
from mmfetch.sizes import readable
from mmfetch.store import heads, space
from mmfetch.store.digest import is_name, right
from mmfetch.store.former import Former
from mmfetch.store.layout import Store
from mmfetch.store.one_at_a_time import alone
from mmfetch.store.part import Part


def run(store: Store, url: str, sha256: str, size: int | None, former: tuple[str, ...], report: Report) -> None:
    """Fetches the file to `files/url/<sha256>/<name>`."""
    name, sha256 = _named(url, sha256)
    place = store.root / "files" / "url" / sha256 / name
    # A name under this folder is given only to right bytes, so its size is enough here; `verify` reads them.
    if place.is_file() and size in {None, place.stat().st_size}:
        report.done(False, f"{name}: nothing to do", url=url)
        return
    with alone(store, f"url-{sha256}", report):
        if place.is_file() and right(place, place.stat().st_size, sha256):
            report.done(False, f"{name}: nothing to do", url=url)
            return
        _fetch(store, url, Wanted(name, -1, sha256), size, former, report)
        report.done(True, f"{name} is there", url=url)


def verify(store: Store, url: str, sha256: str, report: Report) -> None:
    """Reads the file again."""
    name, sha256 = _named(url, sha256)
    place = store.root / "files" / "url" / sha256 / name
    if not place.is_file():
        raise Failure(WRONG, f"{name} is not in the store", "fetch it first")
    report.phase("check", f"checking {name}, {readable(place.stat().st_size)}")
    if not right(place, place.stat().st_size, sha256):
        place.unlink()
        raise Failure(WRONG, f"{name} had wrong bytes and is removed", "fetch it again")
    report.done(False, f"{name} is right", url=url)


def _named(url: str, sha256: str) -> tuple[str, str]:
    """The name of the file at an address, and its hash in small letters."""
    address = urlsplit(url)
    name, sha256 = unquote(address.path.rpartition("/")[2]), sha256.lower()
    if address.scheme not in {"http", "https"} or not inside(name):
        raise Failure(
            USAGE, f"{url} names no file to fetch", "write an address that begins with https:// and ends in a name"
        )
    if not is_name(sha256) or len(sha256) != 64:
        raise Failure(USAGE, f"{sha256!r} is no sha256", "write the 64 digits that sha256sum prints")
    return name, sha256


def _fetch(store: Store, url: str, file: Wanted, size: int | None, former: tuple[str, ...], report: Report) -> None:
    from mmfetch.hub.patience import Patience
    from mmfetch.hub.refusals import Endpoint
    from mmfetch.hub.transfer import receive
    from mmfetch.hub.web import ERRORS, Web

    address = urlsplit(url)
    web = Web()
    patience = Patience(Endpoint(f"{address.scheme}://{address.netloc}", note=report.note), file.path)
    while size is None:
        try:
            with web.open(url, method="HEAD") as answer:
                length = answer.headers.get("Content-Length") or ""
            if not length.isdigit():
                raise Failure(
                    WRONG, f"{address.netloc} does not say how long {file.path} is", "name its bytes with --size"
                )
            size = int(length)
        except ERRORS as error:
            patience.after(error)
    file = Wanted(file.path, size, file.blob)
    path = store.room_for(store.partial("url") / file.blob)
    part = Part(path, file)
    try:
        space.need(store.root, size - part.size, file.path)
        report.phase("fetch", f"fetching {file.path}, {readable(size - part.size)}")
        report.expect(size, part.size)
        stop = threading.Event()
        source = "taken from the former cache"
        if not Former(former).take(file, part, report.advance, stop):
            source = "fetched"
            receive(web, url, part, size, patience, advance=report.advance, stop=stop)
        if not part.is_right():
            part.drop()
            raise Failure(
                WRONG,
                f"{file.path} came with another sha256 than {file.blob[:12]}…: it was removed",
                "check the sha256 at its publisher: the file has changed, or something on the way changes it",
            )
        if wrong := heads.fault(part.path, file.path):
            raise Failure(WRONG, f"{file.path} {wrong}", "check the address: is it the file itself?")
        part.finish(store.room_for(store.root / "files" / "url" / file.blob / file.path))
        report.file(file.path, size, source)
    finally:
        part.close()
