"""Images: pulled where there is a registry, made from Debian packages where there is none."""

from __future__ import annotations

import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.bed import announce, debian, permission, pip_settings, place, upstream
from tests.bed.commands import BedError, PipeError, pipe, step
from tests.bed.engine import Engine
from tests.bed.labels import BUILT_HERE, MADE_FROM, image_id, made_from
from tests.bed.recipes import BUILT, RECIPES, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


def ensure(engine: Engine, names: Iterable[str]) -> None:
    """Have these images on the engine; those missing are made side by side."""
    wanted = [RECIPES[name] for name in names]
    missing = [recipe for recipe in wanted if not is_current(engine, recipe)]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        for done in [workers.submit(make, engine, recipe) for recipe in missing]:
            done.result()


def is_current(engine: Engine, recipe: Recipe) -> bool:
    """Whether the image is there and, when the bed made it, was made from the recipe as it is now."""
    try:
        return made_from(engine, recipe.tag) in {"", digest(recipe)}
    except BedError:
        return False


def digest(recipe: Recipe) -> str:
    """Also of pip's settings, which are written into the image."""
    conf = pip_settings.for_containers("/etc/ssl/certs/ca-certificates.crt", with_passwords=False)
    return f"{recipe.digest()}-{hashlib.sha256(conf.encode()).hexdigest()[:8]}"


def make(engine: Engine, recipe: Recipe) -> None:
    with place.only_one(f"image-{recipe.tag.replace('/', '-').replace(':', '-')}"):
        if is_current(engine, recipe) or upstream.taken(engine, recipe):
            return
        if can_bootstrap():
            with step(f"image {recipe.tag} from Debian {recipe.suite} packages"):
                bootstrap(engine, recipe)
        else:
            with step(f"image {recipe.tag} built from debian:{recipe.suite}-slim"):
                engine.docker("build", "--quiet", "--tag", recipe.tag, "-", stdin=dockerfile(recipe))


def can_bootstrap() -> bool:
    if permission.may_install():
        announce.first(engine=False)
        debian.install_host_tools()
    return permission.is_root_on_debian() and not debian.missing_tools()


def bootstrap(engine: Engine, recipe: Recipe) -> None:
    """Import a root file system. It also trusts the certificates and the package index that this machine does,
    so that a Dockerfile on top of it builds as it would on top of the public image."""
    conf = place.folder("pip") / "image-pip.conf"
    conf.write_text(pip_settings.for_containers("/etc/ssl/certs/ca-certificates.crt", with_passwords=False))
    hooks = [f"--customize-hook=upload {conf} /etc/pip.conf"]
    if bundle := pip_settings.certificates():
        hooks += [
            f"--customize-hook=upload {bundle} /etc/ssl/certs/ca-certificates.crt",
            f"--customize-hook=upload {bundle} /usr/local/share/ca-certificates/of-the-test-bed.crt",
        ]
    if recipe.after:
        script = " && ".join(recipe.after)
        hooks.append(f"--customize-hook=chroot \"$1\" sh -c '{script}'")
    label = f'LABEL {MADE_FROM}="{digest(recipe)}"'
    changes = [term for line in (*recipe.instructions, label) for term in ("--change", line)]
    log = place.folder("logs") / f"{recipe.tag.replace('/', '-')}.log"
    # The engine imports even a stream that broke off: the tag is given only when both ends are content.
    try:
        made = pipe(
            debian.bootstrap(recipe.suite, debian.on_offer(recipe.suite, recipe.packages), *hooks),
            engine.command(*engine.where(), "import", *changes, "-"),
            log,
        )
    except PipeError as broken:
        if broken.printed:
            engine.docker("image", "rm", broken.printed)
        raise
    with replaced(engine, recipe.tag):
        engine.docker("tag", made, recipe.tag)


def dockerfile(recipe: Recipe) -> str:
    packages = " ".join(f"'{package}'" for package in ("ca-certificates", *recipe.packages))
    steps = ["apt-get update", f"apt-get install -y --no-install-recommends {packages}", *recipe.after]
    return "\n".join([
        f"FROM debian:{recipe.suite}-slim",
        f"RUN {' && '.join(steps)}",
        *recipe.instructions,
        f'LABEL {MADE_FROM}="{digest(recipe)}"',
        "",
    ])  # fmt: skip


def build(context: Path, tag: str, target: str | None = None, engine: Engine | None = None) -> None:
    """Build a Dockerfile of the project's. The one place that knows how a build here reaches the package index, and
    what it starts from where the public image cannot be pulled."""
    chosen = engine or Engine("default")
    secrets = [f"--secret=id={name},src={path}" for name, path in pip_settings.secrets().items()]
    proxies = [f"--build-arg={name}" for name in PROXIES if os.environ.get(name)]
    stage = ["--target", target] if target else []
    starts = [f"--build-context={public}=docker-image://{ours}" for public, ours in stand_ins(chosen, context).items()]
    label = f"--label={BUILT_HERE}=1"
    with replaced(chosen, tag):
        chosen.docker(
            "build", "--quiet", "--tag", tag, label, *secrets, *proxies, *starts, *stage, context, timeout=1200
        )


def stand_ins(engine: Engine, context: Path) -> dict[str, str]:
    """Public image → the bed's own, of those that the Dockerfile starts from and the bed has."""
    wanted = set(re.findall(r"^FROM (\S+)", (context / "Dockerfile").read_text(), re.MULTILINE))
    known = {recipe.upstream: recipe.tag for recipe in RECIPES.values() if recipe.upstream in wanted}
    return {public: ours for public, ours in known.items() if image_id(engine, ours)}


@contextmanager
def replaced(engine: Engine, tag: str) -> Iterator[None]:
    """What the tag named before goes, or each change of a source would leave one more image without a name."""
    before = image_id(engine, tag)
    yield
    if before and before != image_id(engine, tag):
        with suppress(BedError):  # a container of it keeps it
            if engine.docker("image", "inspect", "--format", "{{len .RepoTags}}", before).strip() == "0":
                engine.docker("image", "rm", before)


def ensure_built(engine: Engine, names: Iterable[str]) -> None:
    """Images of the project's own Dockerfiles; what did not change comes from the engine's cache."""
    for name in names:
        image = BUILT[name]
        ensure(engine, [image.base])
        with place.only_one(f"build-{name}"), step(f"image {image.tag} built"):
            build(image.context, image.tag, engine=engine)


def share(tag: str, source: Engine, sink: Engine) -> None:
    """Copy an image to another engine, unless it has that very image."""
    if image_id(source, tag) == image_id(sink, tag):
        return
    reported = step(f"image {tag} copied to the engine {sink.name}")
    with place.only_one(f"share-{sink.name}"), reported, replaced(sink, tag):
        pipe(
            source.command(*source.where(), "save", tag),
            sink.command(*sink.where(), "load", "--quiet"),
            place.folder("logs") / f"share-{sink.name}.log",
        )
