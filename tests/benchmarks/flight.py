"""A thousand jobs in flight: what it costs to ask after them, against plain httpx.

One process simulates the provider, whose jobs do not end meanwhile. A client
process asks after all of them, each job as often as a build does: with what a
build uses; and with `AsyncClient` and one request a poll, whose pool costs the
more the more connections it has, so it is flown with ten of them as well. All
are given the same jobs and the same waits, in turn.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

from tests.benchmarks.measure import launched

GOAL = 1 / 3
JOBS = 1000
SECONDS = 30.0  # of flight
ROUNDS = 1
MODELS = ("fal/kling-2.6-pro", "runware/kling-2.6-pro")
_APART_S = 0.01  # between the first polls of two jobs
_KEY = "a-key"

Flight: TypeAlias = tuple[Callable[[], Coroutine[Any, Any, None]], list[int]]
"""What asks after all jobs without an end, and how many answers it has had."""


def report(jobs: int = JOBS, seconds: float = SECONDS, rounds: int = ROUNDS) -> dict[str, object]:
    """Print, for each of some providers, processor time a poll and memory; and give them."""
    figures: dict[str, object] = {}
    for model in MODELS:
        rows = _flown(model, jobs, seconds, rounds)
        print(
            f"{jobs} jobs in flight at {model:<24}{'ms/poll':>9}{'polls':>8}{'MiB':>6}  x httpx 10"
        )
        plain = rows[PLAIN]["cpu_ms"]
        for name, row in rows.items():
            cpu, polls, memory = row["cpu_ms"], row["polls"], row["mib"]
            print(f"  {name:<42}{cpu:>9.3f}{polls:>8.0f}{memory:>6.0f}{cpu / plain:>9.2f}")
        figures[model] = {
            name: {k: round(v, 3) for k, v in row.items()} for name, row in rows.items()
        }
    print(f"goal: at most {GOAL:.2f}")
    return figures


def _flown(model: str, jobs: int, seconds: float, rounds: int) -> dict[str, dict[str, float]]:
    """Medians of several flights, by client."""
    from storyboard.simulators.server import simulation

    provider = model.partition("/")[0]
    still = {"run_s": 1e9, "concurrency": jobs, "balance_usd": 1e9}
    with (
        simulation(provider, speed=1.0, switches=still) as urls,
        tempfile.TemporaryDirectory() as folder,
    ):
        order, told = Path(folder) / "jobs.json", Path(folder) / "told.json"
        operations = _submitted(model, urls[provider], jobs)
        order.write_text(
            json.dumps({"base": urls[provider], "seconds": seconds, "jobs": operations})
        )
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in CLIENTS}
        for _ in range(rounds):
            for name, of in runs.items():
                command = [
                    sys.executable,
                    "-m",
                    "tests.benchmarks.flight",
                    name,
                    str(order),
                    str(told),
                ]
                run = launched(name, command, Path.cwd())
                of.append({**json.loads(told.read_text()), "mib": run.memory})
    return {
        name: {what: statistics.median(run[what] for run in of) for what in of[0]}
        for name, of in runs.items()
    }


def _submitted(model: str, base: str, jobs: int) -> list[dict[str, Any]]:
    """Jobs that the provider has accepted."""
    import httpx

    from storyboard import providers
    from storyboard.exchange import HttpResponse, Intent, Operation
    from storyboard.provider import Prompt, Request
    from storyboard.remote_provider import RemoteProvider

    provider = providers.find(model.partition("/")[0])
    assert isinstance(provider, RemoteProvider)
    accepted = []
    with httpx.Client(headers=_headers(provider)) as client:
        for number in range(jobs):
            request = Request(
                model=model,
                prompts=(Prompt(f"take {number} of a stair", Fraction(5)),),
                duration=Fraction(5),
                aspect_ratio="16:9",
            )
            intent = Intent(
                key=str(number), request=request, nonce=str(uuid4()), made_at=datetime.now(UTC)
            )
            asked = provider.submit(intent, {})
            answer = client.request(
                asked.method, _pointed(asked.url, base), params=asked.query, json=asked.json
            )
            headers = {name.lower(): value for name, value in answer.headers.items()}
            said = provider.submitted(
                intent, HttpResponse(answer.status_code, headers, answer.content)
            )
            if not isinstance(said, Operation):
                raise TypeError(f"the simulator did not accept job {number}: {said}")
            accepted.append(said.json())
    return accepted


def _headers(provider: Any) -> dict[str, str]:
    return {"Authorization": f"{provider.auth.scheme} {_KEY}"}


def _pointed(url: str, base: str) -> str:
    """Where a provider's published address is here, if it is not here already."""
    return url if url.startswith(base) else f"{base}/{url.split('/', 3)[3]}"


# The clients, each in a process of its own


def _ours(order: dict[str, Any]) -> Flight:
    """As a build waits for its jobs."""
    import storyboard.media.verify  # noqa: F401 - it is there when a build's first clip is
    from storyboard import providers
    from storyboard.consent import Purse
    from storyboard.database import Database
    from storyboard.exchange import Intent, Operation, Running
    from storyboard.job_table import Jobs
    from storyboard.jobs import Job, State
    from storyboard.lane import Lane
    from storyboard.provider import Prompt, Request
    from storyboard.remote.access import Access
    from storyboard.remote.collect import Collector
    from storyboard.remote.line import Line
    from storyboard.remote_provider import RemoteProvider
    from storyboard.store import Store

    operations = [Operation(**each) for each in order["jobs"]]
    provider = providers.find(operations[0].provider)
    assert isinstance(provider, RemoteProvider)
    polls = [0]

    def hear(_: Running) -> None:
        polls[0] += 1

    def job(number: int, operation: Operation) -> Job:
        request = Request(
            model=operation.model,
            prompts=(Prompt(f"take {number} of a stair", Fraction(5)),),
            duration=Fraction(5),
        )
        now = datetime.now(UTC)
        return Job(
            id=number,
            step=f"generate:{number}",
            lane=Lane("storyboard.yaml"),
            provider=operation.provider,
            intent=Intent(key=str(number), request=request, nonce=str(number), made_at=now),
            state=State.ACCEPTED,
            estimated=(Fraction(1), Fraction(1)),
            created_at=now,
            operation=operation,
            accepted_at=now,
        )

    async def fly() -> None:
        store = Store(Path("unused"))
        line = Line(provider, Access(_KEY, "KEY", order["base"]))
        jobs = Jobs(Database(store.root / "ledger.sqlite3"))
        collector = Collector(line, store, jobs, Purse(), _waits(operations[0].model))
        try:
            await _one_by_one(
                [
                    collector.collect(job(number, operation), hear)
                    for number, operation in enumerate(operations)
                ]
            )
        finally:
            await line.wire.close()

    return fly, polls


def _plain(order: dict[str, Any], most: int | None = 100) -> Flight:
    """As anyone would write it."""
    import httpx

    from storyboard import providers
    from storyboard.exchange import HttpRequest, Operation
    from storyboard.remote_provider import RemoteProvider

    operations = [Operation(**each) for each in order["jobs"]]
    provider = providers.find(operations[0].provider)
    assert isinstance(provider, RemoteProvider)
    polls = [0]
    limits = httpx.Limits(max_connections=most, max_keepalive_connections=20)

    async def ask(client: httpx.AsyncClient, asked: HttpRequest) -> None:
        waits = _waits(operations[0].model).polls()
        url = httpx.URL(_pointed(asked.url, order["base"]), params=dict(asked.query))
        while True:
            await asyncio.sleep(waits.next())
            answer = await client.request(asked.method, url, json=asked.json)
            answer.raise_for_status()
            answer.json()
            polls[0] += 1

    async def fly() -> None:
        async with httpx.AsyncClient(
            headers=_headers(provider), timeout=60, limits=limits
        ) as client:
            await _one_by_one([ask(client, provider.poll(each)) for each in operations])

    return fly, polls


def _bounded(order: dict[str, Any]) -> Flight:
    """As someone would write it who has met the cost of httpx's pool."""
    return _plain(order, most=10)


PLAIN = "httpx, 10 connections"
CLIENTS = {"storyboard": _ours, PLAIN: _bounded, "httpx": _plain}


def _waits(model: str) -> Any:
    """Those of a build, which asks a provider that is not this machine."""
    from storyboard import providers
    from storyboard.remote.waits import waits_for

    provider = providers.find(model.partition("/")[0])
    assert provider
    return waits_for(provider.models()[model].rhythm, local=False)


async def _one_by_one(work: list[Coroutine[Any, Any, Any]]) -> None:
    """Begin them one after the other, as submits are answered."""

    async def begin(number: int, each: Coroutine[Any, Any, Any]) -> None:
        await asyncio.sleep(number * _APART_S)
        await each

    await asyncio.gather(*(begin(number, each) for number, each in enumerate(work)))


def _client(name: str, path: str, told: str) -> None:
    """Fly, and write down what it took."""
    order = json.loads(Path(path).read_text())
    fly, polls = CLIENTS[name](order)

    async def flight() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(order["seconds"]):
                await fly()

    began = time.process_time()
    asyncio.run(flight())
    cpu = time.process_time() - began
    Path(told).write_text(json.dumps({"cpu_ms": cpu / polls[0] * 1e3, "polls": polls[0]}))


if __name__ == "__main__":
    _client(*sys.argv[1:])
