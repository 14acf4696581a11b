"""A simulated provider's world: what its simulator is given, and what it is to be."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any, Protocol

import httpx
from starlette.responses import Response
from starlette.routing import BaseRoute

from storyboard.digest import digest_bytes
from storyboard.exchange import Kind
from storyboard.simulators.calls import Call, Purpose, inline_media
from storyboard.simulators.cdn import Cdn
from storyboard.simulators.clips import TYPES, Studio, Wanted, seed_of
from storyboard.simulators.clock import Clock
from storyboard.simulators.deliveries import LOOPBACK
from storyboard.simulators.faults import IN_JOBS, BadSetting, Fault, Faults
from storyboard.simulators.jobs import Failure, Job, Jobs

Setting = bool | int | float | str

COMMON: Mapping[str, Setting] = {
    "balance_usd": 1000.0,  # what jobs are paid from
    "concurrency": 8,  # jobs that run at once; further ones wait
    "queue_s": 10.0,  # simulated seconds that a job waits at least
    "run_s": 110.0,  # simulated seconds that it runs
    "requests_per_minute": 0,  # of simulated time; 0 is without a limit
    "lasts_s": 0.0,  # simulated seconds that a clip can be fetched; 0 is for ever
    "extra_frame": True,  # clips hold one frame more than was asked for
    "scale": 1.0,  # of the clips: 0.125 makes 240 x 135 of 1920 x 1080
    "seed": 0,  # another one gives other clips
}
"""The switches of every provider, and what they are at first."""


class Switches:
    """How a simulated provider behaves where that is not certain, or is to be tried."""

    def __init__(self, defaults: Mapping[str, Setting]) -> None:
        self._values = dict(defaults)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def set(self, data: Any) -> None:
        """Change some.

        Raises:
            BadSetting: there is no such switch, or its value is of another kind.
        """
        if not isinstance(data, dict):
            raise BadSetting("switches are an object: {NAME: VALUE}")
        for name, value in data.items():
            if name not in self._values:
                raise BadSetting(
                    f"there is no switch {name!r}; there are {', '.join(self._values)}"
                )
            now = self._values[name]
            number = (
                isinstance(now, float) and isinstance(value, int) and not isinstance(value, bool)
            )
            if type(value) is not type(now) and not number:
                raise BadSetting(f"{name} is a {type(now).__name__}, and {value!r} is none")
        self._values |= {
            name: float(value) if isinstance(self._values[name], float) else value
            for name, value in data.items()
        }

    def json(self) -> dict[str, Setting]:
        """All of them."""
        return dict(self._values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a request is refused, for the provider's simulator to put into its own words.

    Attributes:
        status: the HTTP status where it is given; else the provider's usual one.
        words: what is to be said, where it is not the provider's usual.
        retry_after: seconds to name in the header, where one is to be there.
    """

    kind: Kind
    status: int | None = None
    words: str | None = None
    retry_after: float | None = None


class Simulator(Protocol):
    """A provider's behaviour.

    Attributes:
        switches: its own, with what they are at first.
    """

    switches: Mapping[str, Setting]

    def routes(self) -> Sequence[BaseRoute]:
        """Its addresses, below its base URL. What is at none of them is asked of the CDN."""

    def purpose(self, call: Call) -> Purpose:
        """What a request is for, by its method, path and body."""

    def refusal(self, trouble: Trouble, call: Call) -> Response:
        """An error in the provider's own shape."""


@dataclass(slots=True)
class World:
    """What a simulated provider lives in.

    Attributes:
        base: its URL, without a slash at the end.
        calls: the latest requests that came in.
    """

    base: str
    clock: Clock
    faults: Faults
    switches: Switches
    jobs: Jobs
    cdn: Cdn
    studio: Studio
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=1000))
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def set_switches(self, data: Any) -> None:
        """Change switches.

        Raises:
            BadSetting: there is no such switch, or its value is of another kind.
        """
        self.switches.set(data)
        self.jobs.concurrency = self.switches["concurrency"]

    def set_clock(self, data: Any) -> None:
        """Change the clock: `{"speed": X}`, `{"advance_s": N}`, `{"now": N}`, or several.

        Raises:
            BadSetting: it is none of these, or the time would go back.
        """
        if not isinstance(data, dict) or not set(data) <= {"speed", "advance_s", "now"}:
            raise BadSetting('a clock is set by {"speed": X}, {"advance_s": N} or {"now": N}')
        for name, value in data.items():
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 <= value < inf
            ):
                raise BadSetting(f"{name} is a number, 0 or more, and {value!r} is none")
        now = data.get("now", self.clock.now()) + data.get("advance_s", 0)
        if now < self.clock.now() - 1e-6 and "now" in data:
            raise BadSetting(f"it is {self.clock.now():.0f} s already: the clock does not go back")
        self.clock.run(speed=data.get("speed"), now=now)

    def balance(self) -> Fraction:
        """What is left of the money, in US dollars."""
        return Fraction(str(self.switches["balance_usd"])) - self.jobs.charged_in_all()

    def turned_away(self, text: str, cost: Fraction) -> Trouble | None:
        """Why a submit that is right in itself is refused: moderation, or money.

        Args:
            text: the prompt, by which faults find the submit.
            cost: of all its results, in US dollars.
        """
        if fault := self.faults.strike({"refuse"}, "submit", text):
            return Trouble(kind=Kind.REFUSED, status=fault.status, words=fault.words)
        fault = self.faults.strike({"no_credit"}, "submit", text)
        if fault or cost > self.balance():
            return Trouble(kind=Kind.NO_CREDIT, words=fault.words if fault else None)
        return None

    def accept(  # noqa: PLR0913 - an order has that many parts
        self,
        *,
        id_: str,
        model: str,
        asked: Any,
        text: str,
        cost: Fraction,
        frames: Sequence[bytes] = (),
        count: int = 1,
        failure: Failure | None = None,
        **facts: Any,
    ) -> Job:
        """Accept a job: it is charged from now on.

        Args:
            id_: of the job.
            model: the provider's name of it.
            asked: what was asked for, as JSON: pictures as digests, no ids.
            text: the prompt, by which faults find the job.
            cost: of one result, in US dollars.
            frames: the pictures and videos that came with it.
            count: how many results it has.
            failure: how it ends, where what was asked for cannot be made.
            facts: what the simulator wants to keep with the job.
        """
        fault = self.faults.strike(IN_JOBS, "submit", text)
        run_s: float = self.switches["run_s"]
        if fault and fault.kind == "stuck":
            run_s = inf
        elif fault and fault.kind == "slow_job":
            run_s += fault.seconds
        job = Job(
            id=id_,
            model=model,
            asked=asked,
            cost=cost,
            date=datetime.now(UTC),
            accepted_at=self.clock.now(),
            queue_s=self.switches["queue_s"],
            run_s=run_s,
            count=count,
            frames=tuple(map(digest_bytes, frames)),
            failure=_failure(fault) or failure,
            facts=facts,
        )
        self.jobs.add(job)
        return job

    def prepare(self, wanted: Wanted) -> asyncio.Future[Path]:
        """Have a clip made before it is asked for: size, seed and length as the switches say."""
        return self.studio.order(
            replace(
                wanted,
                scale=Fraction(str(self.switches["scale"])),
                extra_frame=self.switches["extra_frame"],
                seed=seed_of(wanted.seed, self.switches["seed"]),
            )
        )

    def make(self, path: str, wanted: Wanted, *, lasts_s: float | None = None) -> str:
        """Have a clip made, and published at a path: its URL.

        Args:
            path: below the provider's base: `/files/b/…/output.mp4`.
            wanted: the clip.
            lasts_s: simulated seconds after which it is gone; else the switch says.
        """
        type_ = TYPES[wanted.container]
        lasts_s = lasts_s or self.switches["lasts_s"] or None
        return self.cdn.publish(path, self.prepare(wanted), type_, lasts_s=lasts_s)

    async def media(self, reference: str) -> bytes | None:
        """A picture or video that a request names: sent in it, uploaded, or at an address.

        Of other machines nothing is fetched: None stands for what is there.
        """
        if data := self.cdn.read(reference) or inline_media(reference):
            return data
        try:
            local = httpx.URL(reference).host in LOOPBACK
        except httpx.InvalidURL:
            local = False
        if not local:
            return None
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            try:
                answer = await client.get(reference)
            except (httpx.HTTPError, httpx.InvalidURL):
                return None
        return answer.content if answer.is_success else None

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the answers: call a webhook."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


def _failure(fault: Fault | None) -> Failure | None:
    if fault is None or fault.kind not in {"refuse_late", "fail"}:
        return None
    kind = Kind.REFUSED if fault.kind == "refuse_late" else Kind.FAULT
    return Failure(kind, fault.words, fault.at)
