"""Engines and the queue before them: loaded in the background, used in turn, callers served in the order of arrival."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from .refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

Engine = TypeVar("Engine")
Result = TypeVar("Result")
State = Literal["loading", "ready", "failed", "closed"]


class Pool(Generic[Engine]):
    """`size` engines, each used by one thread at a time; at most `waiting_room` requests stand in line."""

    def __init__(self, load: Callable[[], Engine], size: int, waiting_room: int) -> None:
        self._load = load
        self._size = size
        self._places = size + waiting_room
        self._engines: queue.SimpleQueue[Engine] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="engine")
        self._lock = threading.Lock()
        self.state: State = "loading"
        self.reason = ""
        self.admitted = 0
        self.running = 0

    def open(self) -> None:
        """Loads in a thread of its own, so that /health can already answer."""
        threading.Thread(target=self._fill, name="load", daemon=True).start()

    def _fill(self) -> None:
        try:
            for _ in range(self._size):
                self._engines.put(self._load())
        except Exception as error:  # whatever it was, /health has to say it
            self.reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            log.exception("loading failed")
            self._settle("failed")
        else:
            self._settle("ready")

    def _settle(self, state: State) -> None:
        with self._lock:
            if self.state != "closed":
                self.state = state
        log.info("engines: %s", state)

    def close(self) -> None:
        """Lets the running jobs finish, and drops those whose caller has gone."""
        with self._lock:
            self.state = "closed"
        self._threads.shutdown(wait=True, cancel_futures=True)

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Takes a place in the queue before the body is read, so that waiting bodies cannot fill the memory."""
        self.require_ready()
        with self._lock:
            if self.admitted >= self._places:
                raise Refusal(503, f"all {self._places} places are taken, try again later", code="overloaded")
            self.admitted += 1
        try:
            yield
        finally:
            with self._lock:
                self.admitted -= 1

    def require_ready(self) -> None:
        if self.state == "failed":
            raise Refusal(500, f"the model could not be loaded: {self.reason}", code="load_failed")
        if self.state != "ready":
            raise Refusal(503, "the model is still loading", code="loading")

    async def run(self, job: Callable[[Engine], Result]) -> Result:
        """Runs the job on the next free engine. A caller who goes away leaves the line."""
        future: Future[Result] = self._threads.submit(self._work, job)
        return await asyncio.wrap_future(future)

    def _work(self, job: Callable[[Engine], Result]) -> Result:
        engine = self._engines.get()
        with self._lock:
            self.running += 1
        try:
            return job(engine)
        finally:
            with self._lock:
                self.running -= 1
            self._engines.put(engine)
