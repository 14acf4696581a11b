"""The server: every simulated provider under its name, on one port of this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from storyboard import simulators
from storyboard.simulators.cdn import Cdn
from storyboard.simulators.clips import Studio
from storyboard.simulators.clock import USUAL_SPEED, Clock
from storyboard.simulators.connections import Connections
from storyboard.simulators.faults import BadSetting, Faults
from storyboard.simulators.gate import Gate
from storyboard.simulators.jobs import Jobs
from storyboard.simulators.world import COMMON, Simulator, Switches, World

_HOST = "127.0.0.1"


class Server(uvicorn.Server):
    """A server that ends as soon as it is told to, not a tenth of a second later."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()

    def end(self) -> None:
        """End; this may be called from any thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def main_loop(self) -> None:
        """Do what is to be done now and then, until the end."""
        self._loop = asyncio.get_running_loop()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks = (ticks + 1) % 864_000
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._woken.wait()


class NotServed(Exception):
    """The server cannot be started. As text it says why."""


@contextmanager
def simulation(
    *providers: str,
    speed: float = USUAL_SPEED,
    port: int = 0,
    switches: Mapping[str, Any] | None = None,
    script: Mapping[str, Any] | None = None,
) -> Iterator[Mapping[str, str]]:
    """Serve providers as long as the block lasts: their URLs, by name.

    Args:
        providers: which; none means all that there are.
        speed: of the clocks.
        port: 0 for a free one.
        switches: set for each of the providers.
        script: what is set from the start, by provider: `faults`, `switches`, `clock`.

    Raises:
        NotServed: the port is taken.
        BadSetting: a switch or the script makes no sense.
    """
    with _listening(port) as listener:
        number = listener.getsockname()[1]
        server, urls = _server(providers or simulators.names(), number, speed, switches, script)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="simulators", daemon=True
        )
        thread.start()
        try:
            yield urls
        finally:
            server.end()
            thread.join()


def serve(
    providers: Sequence[str],
    *,
    port: int,
    speed: float,
    script: Mapping[str, Any] | None,
    ready: Callable[[Mapping[str, str]], None],
) -> None:
    """Serve providers until the process is told to end (Ctrl-C).

    Args:
        providers: which; none means all that there are.
        port: 0 for a free one.
        speed: of the clocks.
        script: what is set from the start, by provider: `faults`, `switches`, `clock`.
        ready: told the providers' URLs when requests are answered.

    Raises:
        NotServed: the port is taken.
        BadSetting: the script makes no sense.
    """
    with _listening(port) as listener:
        number = listener.getsockname()[1]
        server, _ = _server(providers or simulators.names(), number, speed, None, script, ready)
        server.run(sockets=[listener])


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # Named TCP: asyncio sends at once only on connections that say so.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise NotServed(f"port {port} cannot be used: {error.strerror}") from error
    with listener:
        yield listener


def _server(
    providers: Sequence[str],
    port: int,
    speed: float,
    switches: Mapping[str, Any] | None,
    script: Mapping[str, Any] | None,
    ready: Callable[[Mapping[str, str]], None] = lambda _: None,
) -> tuple[Server, Mapping[str, str]]:
    strangers = set(script or ()) - set(providers)
    if strangers:
        raise BadSetting(f"the script is about {', '.join(sorted(strangers))}: not simulated here")
    urls = {name: f"http://{_HOST}:{port}/{name}" for name in providers}
    connections = Connections()
    studio = Studio()
    worlds: list[World] = []
    mounts: list[Mount] = []
    for name, url in urls.items():
        world, gate = simulated(name, url, speed, studio, connections)
        world.set_switches(dict(switches or {}))
        _follow((script or {}).get(name, {}), world)
        worlds.append(world)
        mounts.append(Mount(f"/{name}", gate))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ready(urls)  # the port listens already: who asks at once waits for a moment
        yield
        for task in [task for world in worlds for task in world.tasks]:
            task.cancel()
        await asyncio.to_thread(studio.close)

    config = uvicorn.Config(
        Starlette(routes=mounts, lifespan=lifespan),
        http=connections.protocol(),
        ws="none",
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return Server(config), urls


def simulated(
    name: str, url: str, speed: float, studio: Studio, connections: Connections
) -> tuple[World, Gate]:
    """A provider's world, new, and the ASGI application to be mounted at its URL.

    Args:
        name: the provider's.
        url: where it will be.
        speed: of its clock.
        studio: makes its clips; several worlds may share one.
        connections: those of the server.
    """
    make: Callable[[World], Simulator] = import_module(f"storyboard.simulators.{name}").simulator
    clock, faults = Clock(speed), Faults()
    world = World(
        base=url,
        clock=clock,
        faults=faults,
        switches=Switches(COMMON),
        jobs=Jobs(clock, concurrency=int(COMMON["concurrency"])),
        cdn=Cdn(url, clock, faults, connections),
        studio=studio,
    )
    simulator = make(world)
    world.switches = Switches({**COMMON, **simulator.switches})
    world.set_switches({})
    return world, Gate(world, simulator, connections)


def _follow(script: Any, world: World) -> None:
    """Set what a script says of a provider."""
    setters = {
        "switches": world.set_switches,
        "faults": world.faults.set,
        "clock": world.set_clock,
    }
    if not isinstance(script, dict) or not set(script) <= set(setters):
        raise BadSetting(f"a script holds {', '.join(setters)} for each provider")
    for name, data in script.items():
        setters[name](data)
