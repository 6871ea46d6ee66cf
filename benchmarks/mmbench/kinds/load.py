"""Random or fixed prompts under load: closed concurrency, arrivals at a rate, a ramp, or the search for the knee."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..drive import Level, closed
from ..fixed_prompts import PROMPTS
from ..knee import DEFINITION, Tried, knee, next_level
from ..levels import Levels, described, level_options
from ..order import Arrivals, Load, Order
from ..probe import IGNORE_EOS_OWNERS, look, prompt_length
from ..progress import Tally
from ..session import Session, verdict
from ..settings import SettingsError, listed, positive

REQUESTS, WAVES = 200, 5
HELP = "random prompts: closed concurrency, a rate, a ramp, or the search for the knee"


@dataclass(slots=True)
class Options(Levels):
    LOWEST: ClassVar[Mapping[str, float]] = {
        **Levels.LOWEST,
        "burstiness": 0.001,
        "max_in_flight": 0,
        "search_limit": 1,
        "input_tokens": 1,
        "output_tokens": 1,
    }

    input_tokens: int = 32
    output_tokens: int = 64
    ignore_eos: str = "auto"
    rate: str | None = None
    ramp: str | None = None
    burstiness: float = 1.0
    max_in_flight: int = 0
    search: str | None = None
    search_limit: int = 512
    prompts: str = "random"
    unique_prefix: bool = True

    def rates(self) -> list[float]:
        return [positive(each, "--rate") for each in listed(self.rate or "", "--rate")]

    def ramp_rates(self) -> tuple[float, float]:
        first, colon, last = (self.ramp or "").partition(":")
        if not colon:
            raise SettingsError(f"--ramp {self.ramp!r}: write FROM:TO in requests per second, as in 1:16")
        return positive(first, "--ramp"), positive(last, "--ramp")

    def check(self) -> None:
        Levels.check(self)
        if self.rate is not None:
            self.rates()
        if self.ramp is not None:
            self.ramp_rates()
        chosen = [name for name in ("rate", "ramp", "search") if getattr(self, name) is not None]
        if len(chosen) > 1:
            raise SettingsError(f"--{chosen[0]} and --{chosen[1]} are two load models; choose one")


def options(to: argparse.ArgumentParser) -> None:
    level_options(to)
    to.add_argument(
        "--input-tokens", "--random-input-len", type=int, default=32, metavar="N", help="length of each prompt"
    )
    to.add_argument(
        "--output-tokens", "--random-output-len", type=int, default=64, metavar="N", help="most tokens of an answer"
    )
    to.add_argument(
        "--ignore-eos", choices=("auto", "on", "off"), default="auto", help="auto: where the engine knows it"
    )
    to.add_argument("--rate", metavar="R,R…", help="open load: requests per second")
    to.add_argument("--ramp", metavar="FROM:TO", help="open load whose rate grows over --seconds")
    to.add_argument("--burstiness", type=float, default=1.0, help="of an open load: 1 is Poisson, below 1 burstier")
    to.add_argument(
        "--max-in-flight", type=int, default=0, metavar="N", help="cap of an open load; waiting counts as latency"
    )
    to.add_argument(
        "--search",
        choices=("knee",),
        help="from --concurrency (or 1) double until the gain is below 5 %% or the SLO breaks, then bisect",
    )
    to.add_argument("--search-limit", type=int, default=512, metavar="N", help="how far a search goes")
    to.add_argument(
        "--prompts",
        choices=("random", "fixed"),
        default="random",
        help="random words, or ten fixed prompts whose answers are kept to be read (default: %(default)s)",
    )
    to.add_argument(
        "--shared-prefix", dest="unique_prefix", action="store_false", help="let prompts repeat (measures the cache)"
    )
    to.set_defaults(unique_prefix=True)


async def run(session: Session, settings: Options) -> int:
    session.know_server(await look(session.pool))
    if not session.model and settings.api != "llamacpp":
        raise SettingsError("the server names no model: name it with --model")
    fixed = settings.prompts == "fixed"
    # Answers that are read must end where the model ends them.
    ignore_eos = wants_ignore_eos(
        "off" if fixed and settings.ignore_eos == "auto" else settings.ignore_eos, session.server.owner
    )
    length = await prompt_length(session.pool, settings.api, session.model, settings.timeout, settings.seed)
    load = Load(
        api=settings.api,
        model=session.model,
        options=settings.options(settings.output_tokens, ignore_eos),
        seed=settings.seed,
        unique=settings.unique_prefix and not fixed,
        length=length.for_tokens(settings.input_tokens),
        texts=dict(PROMPTS) if fixed else None,
    )
    common = {
        "dataset": "fixed prompts" if fixed else "random words",
        "input_tokens": None if fixed else settings.input_tokens,
        "output_tokens": settings.output_tokens,
        "words": load.length,
        "words_fitted": length.fitted,
        "ignore_eos": ignore_eos or None,
        "temperature": settings.temperature,
        "extra_body": settings.extra(),
        "unique_prefix": load.unique,
        "timeout_s": settings.timeout,
        "seed": settings.seed,
    }
    session.result["load"] = common | {"slo": settings.slo or None}
    if settings.search:
        await search(session, settings, load, common)
    elif settings.rate or settings.ramp:
        await at_rates(session, settings, load, common)
    else:
        for concurrency in settings.levels():
            if session.stop.reason is not None:
                break
            await closed_level(session, settings, load, common, concurrency)
    return session.finish(verdict(session.result["points"], settings.max_error_share))


def wants_ignore_eos(choice: str, owner: str | None) -> bool:
    """Whether to send `ignore_eos`. `auto`: to engines that are known to accept it; others could refuse an unknown
    key."""
    if choice == "auto":
        return (owner or "").lower() in IGNORE_EOS_OWNERS
    return choice == "on"


async def closed_level(
    session: Session, settings: Options, load: Load, common: dict[str, Any], concurrency: int
) -> dict[str, Any]:
    usual = max(REQUESTS, WAVES * concurrency)
    level = settings.closed(concurrency, usual, session.next_index, keep_text=load.texts is not None)
    return await session.measure(f"c={concurrency}", common | described(level), Order(session.target, load, level))


async def at_rates(session: Session, settings: Options, load: Load, common: dict[str, Any]) -> None:
    if settings.ramp:
        first, last = settings.ramp_rates()
        wanted = [Arrivals(first, last, seed=settings.seed)]
    else:
        wanted = [Arrivals(rate, burstiness=settings.burstiness, seed=settings.seed) for rate in settings.rates()]
    seconds = settings.seconds or (60.0 if settings.ramp or not settings.requests else None)
    for arrivals in wanted:
        if session.stop.reason is not None:
            return
        level = Level(
            concurrency=settings.max_in_flight,
            requests=settings.requests,
            seconds=seconds,
            warm_up=0,
            first_index=session.next_index,
            timeout_s=settings.timeout,
            keep_text=load.texts is not None,
        )
        shown = common | {
            "mode": "open",
            "arrivals": "linear ramp of a Poisson process" if arrivals.last else "gamma gaps, 1 is Poisson",
            "rate": arrivals.rate,
            "rate_last": arrivals.last,
            "burstiness": arrivals.burstiness,
            "max_in_flight": settings.max_in_flight or None,
            "requests": settings.requests,
            "seconds": seconds,
        }
        name = f"rate={arrivals.rate:g}" + (f"..{arrivals.last:g}" if arrivals.last else "")
        await warm_up(session, settings, load)
        await session.measure(name, shown, Order(session.target, load, level, arrivals))


async def warm_up(session: Session, settings: Options, load: Load) -> None:
    """Sends a short closed wave before an open load; it is neither measured nor recorded."""
    count = round(8 * settings.warm_up)
    if count:
        level = Level(min(4, count), count, None, 0, session.next_index, timeout_s=settings.timeout)
        await closed(session.pool, load.build(session.target), level, Tally(), session.stop)


async def search(session: Session, settings: Options, load: Load, common: dict[str, Any]) -> None:
    """Measures the levels that the knee's rule requests; the points stay in the order of measurement."""
    tried: list[Tried] = []
    start = 1 if settings.concurrency is None else settings.levels()[0]
    while session.stop.reason is None:
        concurrency = next_level(tried, start, settings.search_limit)
        if concurrency is None:
            break
        point = await closed_level(session, settings, load, common, concurrency)
        tried.append(Tried(concurrency, point["output_tok_s"] or 0.0, point["healthy"]))
    found = knee(tried)
    session.result["knee"] = {
        "definition": DEFINITION,
        "concurrency": found.concurrency,
        "output_tok_s": found.throughput,
        "stable_to": found.stable_to,
        "broken_at": found.broken_at,
        "reason": found.reason,
    }
