"""The crew: has steps done, each in a thread of its own, or as an order from a provider.

Whatever comes of a step is news, which the schedule hears one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread

from storyboard.events import Progress
from storyboard.exchange import FellBack, Found, Operation, Running
from storyboard.graph import Action
from storyboard.news import News, news_of
from storyboard.workshop import Workshop

_TOLD_EVERY = 0.01  # the least progress worth an event


class Stopped(BaseException):
    """Raised by `report` in a tool at work when the build is being stopped.

    Not an Exception, so that no tool takes it for a failure of its own.
    """


@dataclass(frozen=True, slots=True)
class Ended:
    """A step's work has ended: what it made, or what it raised."""

    action: Action
    output: str | None = None
    error: BaseException | None = None


class Crew:
    """Has steps done. It is made and used in one running event loop."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Queue[News | Ended] = asyncio.Queue()
        self._orders: set[asyncio.Task[None]] = set()
        self._stopping = Event()

    async def news(self) -> News | Ended:
        """The next thing that happens to a step that was begun."""
        return await self._news.get()

    def begin(self, action: Action, key: str, inputs: Mapping[str, str]) -> None:
        """Begin a step whose key is known, and the digests of its inputs."""
        if self._workshop.orders(action):
            order = asyncio.create_task(self._order(action, key, inputs), name=action.id)
            self._orders.add(order)
            order.add_done_callback(self._orders.discard)
            return
        # A daemon: work that does not stop must not keep the process alive.
        Thread(target=self._work, args=(action, inputs), daemon=True, name=action.id).start()

    async def stop(self) -> None:
        """Have everything under way stop, what is drawn here at its next report.

        Jobs of providers go on there, and are recorded; a submit that is on
        its way is heard out, for as long as its provider may take to answer.
        """
        self._stopping.set()
        for order in self._orders:
            order.cancel()
        if self._orders:
            await asyncio.wait(self._orders)

    async def _order(self, action: Action, key: str, inputs: Mapping[str, str]) -> None:
        """One step that is done elsewhere."""
        told: News | None = None

        def hear(said: Operation | Found | Running | FellBack) -> None:
            nonlocal told
            news = news_of(action, said)
            if news is not None and news != told:
                told = news
                self._news.put_nowait(news)

        try:
            output = await self._workshop.order(action, key, inputs, hear)
            self._news.put_nowait(Ended(action, output=output))
        except asyncio.CancelledError:
            self._news.put_nowait(Ended(action, error=Stopped()))
            raise
        except Exception as error:
            self._news.put_nowait(Ended(action, error=error))

    def _work(self, action: Action, inputs: Mapping[str, str]) -> None:
        """One step, in its own thread."""
        told = 0.0

        def report(done: float) -> None:
            nonlocal told
            if self._stopping.is_set():
                raise Stopped
            if done - told >= _TOLD_EVERY:
                told = done
                self._tell(Progress(action, min(done, 1.0)))

        try:
            self._tell(Ended(action, output=self._workshop.make(action, inputs, report)))
        except BaseException as error:
            self._tell(Ended(action, error=error))

    def _tell(self, news: News | Ended) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waited for this any longer
            self._loop.call_soon_threadsafe(self._news.put_nowait, news)
