"""Simulated providers on one port, with a new world for each run: no run meets what another left."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from storyboard.simulators.clips import Studio, Wanted
from storyboard.simulators.connections import Connections
from storyboard.simulators.server import Server, simulated
from storyboard.simulators.world import World

SPEED = 3000.0
SWITCHES = {"queue_s": 1.0, "run_s": 60.0}
_FPS = 4
_WIDTH, _HEIGHT = 544, 306  # pixels: no smaller pictures are taken


class QuickStudio(Studio):
    """Makes clips of four frames a second in one colour, each once: what they show is not the point."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._quick = folder

    def order(self, wanted: Wanted) -> asyncio.Future[Path]:
        """The clip, which is there already or made at once."""
        clip = quick_clip(self._quick, wanted.key, wanted.seconds)
        made: asyncio.Future[Path] = asyncio.get_running_loop().create_future()
        made.set_result(clip)
        return made


@cache
def quick_clip(folder: Path, key: str, seconds: Fraction) -> Path:
    """A clip as long as it should be, and a frame longer, whose colour is its key's."""
    path = folder / f"{key}.mp4"
    color = np.frombuffer(sha256(key.encode()).digest()[:3], np.uint8)
    picture = np.full((_HEIGHT, _WIDTH, 3), color, np.uint8)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=_FPS)
        stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        for number in range(_FPS * int(seconds) + 1):
            picture[: number + 1, : number + 1] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


class Stages:
    """A server of simulated providers, to which worlds can be added while it runs."""

    def __init__(self, port: int, folder: Path) -> None:
        self.app = Starlette()
        self.connections = Connections()
        self._url = f"http://127.0.0.1:{port}"
        self._studio = QuickStudio(folder)
        self._lock = threading.Lock()
        self._count = 0

    def world(self, provider: str) -> World:
        """A new world of a provider, which is served from now on."""
        with self._lock:
            self._count += 1
            path = f"/{self._count}/{provider}"
        world, gate = simulated(provider, self._url + path, SPEED, self._studio, self.connections)
        world.set_switches(dict(SWITCHES))
        self.app.router.routes.append(Mount(path, gate))
        return world

    def strike(self, world: World) -> None:
        """Serve a world no longer."""
        path = world.base.removeprefix(self._url)
        routes = self.app.router.routes
        routes[:] = [each for each in routes if getattr(each, "path", None) != path]


@contextmanager
def stages() -> Iterator[Stages]:
    """Serve for as long as the block lasts."""
    # Named TCP: asyncio sends at once only on connections that say so.
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener,
        TemporaryDirectory() as folder,
    ):
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        served = Stages(listener.getsockname()[1], Path(folder))
        config = uvicorn.Config(
            served.app,
            http=served.connections.protocol(),
            ws="none",
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        server = Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.end()
            thread.join()
