"""Random or fixed prompts under load: closed concurrency, arrivals at a rate, a ramp, or the search for the knee."""

from __future__ import annotations

from typing import Any

from .drive import Level, closed
from .knee import DEFINITION, Tried, knee, next_level
from .order import Arrivals, Load, Order
from .probe import IGNORE_EOS_OWNERS, look, prompt_length
from .progress import Tally
from .session import Session, verdict
from .settings import SettingsError

REQUESTS, WAVES = 200, 5


async def run(session: Session) -> int:
    settings = session.settings
    session.know_server(await look(session.pool))
    if not session.model and settings.api != "llamacpp":
        raise SettingsError("the server names no model; say which with --model")
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
        words=length.words(settings.input_tokens),
        fixed=fixed,
    )
    common = {
        "dataset": "fixed prompts" if fixed else "random words",
        "input_tokens": None if fixed else settings.input_tokens,
        "output_tokens": settings.output_tokens,
        "words": load.words,
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
        await search(session, load, common)
    elif settings.rate or settings.ramp:
        await at_rates(session, load, common)
    else:
        for concurrency in settings.levels():
            if session.stop.reason is not None:
                break
            await closed_level(session, load, common, concurrency)
    return session.finish(verdict(session.result["points"], settings.max_error_share))


def wants_ignore_eos(choice: str, owner: str | None) -> bool:
    """`auto`: where the engine is known to take it. Elsewhere an unknown key could be refused."""
    if choice == "auto":
        return (owner or "").lower() in IGNORE_EOS_OWNERS
    return choice == "on"


def closed_order(session: Session, load: Load, concurrency: int) -> Order:
    settings = session.settings
    requests = settings.requests or (None if settings.seconds else max(REQUESTS, WAVES * concurrency))
    level = Level(
        concurrency=concurrency,
        requests=requests,
        seconds=settings.seconds,
        warm_up=round(settings.warm_up * concurrency),
        first_index=session.next_index,
        ramp_up_s=settings.ramp_up,
        timeout_s=settings.timeout,
        keep_text=load.fixed,
    )
    return Order(session.target, load, level)


async def closed_level(session: Session, load: Load, common: dict[str, Any], concurrency: int) -> dict[str, Any]:
    order = closed_order(session, load, concurrency)
    told = common | {
        "mode": "closed",
        "concurrency": concurrency,
        "warmup_requests": order.level.warm_up,
        "requests": order.level.requests,
        "seconds": order.level.seconds,
    }
    return await session.measure(f"c={concurrency}", told, order)


async def at_rates(session: Session, load: Load, common: dict[str, Any]) -> None:
    settings = session.settings
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
            keep_text=load.fixed,
        )
        told = common | {
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
        await warm_up(session, load)
        await session.measure(name, told, Order(session.target, load, level, arrivals))


async def warm_up(session: Session, load: Load) -> None:
    """A short closed wave before an open load; it is neither measured nor written down."""
    count = round(8 * session.settings.warm_up)
    if count:
        level = Level(min(4, count), count, None, 0, session.next_index, timeout_s=session.settings.timeout)
        await closed(session.pool, load.build(session.target), level, Tally(), session.stop)


async def search(session: Session, load: Load, common: dict[str, Any]) -> None:
    """The levels come from the knee's own rule; the points stay in the result in the order they were measured."""
    tried: list[Tried] = []
    settings = session.settings
    start = 1 if settings.concurrency is None else settings.levels()[0]
    while session.stop.reason is None:
        concurrency = next_level(tried, start, settings.search_limit)
        if concurrency is None:
            break
        point = await closed_level(session, load, common, concurrency)
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
