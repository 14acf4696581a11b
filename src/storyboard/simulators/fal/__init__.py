"""The simulated fal.ai: every one of its hosts under one base.

queue.fal.run, rest.fal.ai, api.fal.ai and v3.fal.media have no path in common,
so each is found at its own paths right below the base. fal.run, where clips
are made while the caller waits, shares them with the queue: it is `/fal.run`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from storyboard.simulators.calls import Call, Purpose
from storyboard.simulators.cdn import call_of
from storyboard.simulators.fal import errors
from storyboard.simulators.fal.inputs import APP, ENDPOINTS
from storyboard.simulators.fal.queue import Queue
from storyboard.simulators.fal.records import Records
from storyboard.simulators.fal.storage import Storage
from storyboard.simulators.fal.webhooks import Webhooks
from storyboard.simulators.world import Setting, Trouble, World

_JOB = re.compile(rf"{APP}/requests/([^/]+)(/response|/status|/status/stream|/cancel)?")


class Fal:
    """The simulator of fal."""

    switches: Mapping[str, Setting] = {
        "concurrency": 2,  # of a new account
        "strict": True,  # whether an unknown parameter is an error
        "validates": "submit",  # when the input is looked at; at "run", the job fails by it
        "end_frame_sound": "reject",  # sound between two frames; or "silent": it is left out
        "listing_lag_s": 0.0,  # simulated seconds until a request is in the list
        "result_lasts_s": 2592000.0,  # simulated seconds that the queue remembers a job
        "webhook_tries": 31,
        "webhook_twice": False,  # whether each webhook is sent once more
    }

    def __init__(self, world: World) -> None:
        self._world = world
        self._queue = Queue(world)
        self._storage = Storage(world)
        self._records = Records(world, self._queue)
        self._webhooks = Webhooks(world, self._queue)

    def routes(self) -> Sequence[BaseRoute]:
        """Its addresses."""
        return [
            _route("/fal-ai/{rest:path}", self._at_queue),
            _route("/fal.run/{endpoint:path}", self._run, "POST"),
            _route("/v1/models/requests/by-endpoint", self._list, "GET"),
            _route("/v1/meta", _meta, "GET"),
            _route("/.well-known/jwks.json", self._jwks, "GET"),
            _route("/storage/auth/token", self._token, "POST"),
            _route("/storage/upload/initiate", self._initiate, "POST"),
            _route("/storage/upload/initiate-multipart", self._initiate, "POST"),
            _route("/upload/{upload}", self._put, "PUT"),
            _route("/upload/{upload}/complete", self._complete, "POST"),
            _route("/upload/{upload}/{number:int}", self._part, "PUT"),
            _route("/files/upload", self._upload, "POST"),
            _route("/files/upload/multipart", self._begin_parts, "POST"),
            _route("/files/b/{at:path}/multipart/{upload}/complete", self._complete, "POST"),
            _route("/files/b/{at:path}/multipart/{upload}/{number:int}", self._part, "PUT"),
        ]

    def purpose(self, call: Call) -> Purpose:
        """What a request is for."""
        match call.method, call.path.split("/")[1]:
            case "POST", "fal-ai" | "fal.run":
                return "submit"
            case "PUT", "fal-ai":
                return "cancel"
            case _, "fal-ai":
                return "poll"
            case _, "storage" | "upload" | "files":
                return "upload"
            case _, "v1":
                return "list"
        return "other"

    def refusal(self, trouble: Trouble, call: Call) -> Response:  # noqa: ARG002 - the protocol's
        """An error in fal's shape."""
        return errors.refusal(trouble)

    async def _at_queue(self, call: Call, rest: str) -> Response:
        if refused := _keyless(call):
            return refused
        path = f"fal-ai/{rest}"
        if found := _JOB.fullmatch(path):
            return await self._about(call, found[1], found[2] or "/response")
        # A job's addresses have nothing of the endpoint behind the app.
        if call.method != "POST" or "/requests/" in path:
            known = path in ENDPOINTS or "/requests/" in path
            return errors.plain(405, "Method Not Allowed") if known else _unknown(path)
        job = await self._queue.submit(path, call)
        if isinstance(job, Response):
            return job
        if address := call.query.get("fal_webhook"):
            self._webhooks.promise(job, address)
        return self._queue.accepted(job)

    async def _about(self, call: Call, request_id: str, question: str) -> Response:
        logs = call.query.get("logs", "").casefold() in {"1", "true"}
        match call.method, question:
            case "GET", "/response":
                return await self._queue.result(request_id)
            case "GET", "/status":
                return self._queue.status(request_id, logs=logs)
            case "GET", "/status/stream":
                return await self._queue.stream(request_id, logs=logs)
            case "PUT", "/cancel":
                return self._queue.cancel(request_id)
        return errors.plain(405, "Method Not Allowed")

    async def _run(self, call: Call, endpoint: str) -> Response:
        """Make a clip while the caller waits; there, nothing waits for its turn."""
        if refused := _keyless(call):
            return refused
        at_work = [job for job in self._world.jobs if not self._queue.standing(job).ended]
        if len(at_work) >= self._world.jobs.concurrency:
            said = "Too many concurrent requests"
            return errors.plain(429, said, "concurrent_requests_limit")
        job = await self._queue.submit(endpoint, call)
        if isinstance(job, Response):
            return job
        await self._world.jobs.ended(job)
        return await self._queue.result(job.id)

    async def _list(self, call: Call) -> Response:
        return _keyless(call) or await self._records.page(call)

    async def _jwks(self, _call: Call) -> Response:
        return JSONResponse(self._webhooks.jwks())

    async def _token(self, call: Call) -> Response:
        return _keyless(call) or self._storage.token()

    async def _initiate(self, call: Call) -> Response:
        return _keyless(call) or self._storage.initiate(call)

    async def _put(self, call: Call, upload: str) -> Response:
        return self._storage.put(upload, call)

    async def _upload(self, call: Call) -> Response:
        return self._storage.upload(call)

    async def _begin_parts(self, call: Call) -> Response:
        return self._storage.begin_parts(call)

    async def _part(self, call: Call, upload: str, number: int, **_path: str) -> Response:
        return self._storage.part(upload, number, call)

    async def _complete(self, call: Call, upload: str, **_path: str) -> Response:
        return self._storage.complete(upload, call)


simulator = Fal


async def _meta(_call: Call) -> Response:
    return JSONResponse({"webhook_ip_ranges": ["127.0.0.1/32"]})


def _keyless(call: Call) -> Response | None:
    """The answer to a request without a key that is good."""
    if "authorization" not in call.headers:
        return errors.plain(401, "Authorization header is required")
    return None if call.key("Key") else errors.plain(401, "invalid key credentials")


def _unknown(path: str) -> Response:
    return errors.plain(404, f"Application '{path}' not found")


def _route(path: str, answer: Callable[..., Awaitable[Response]], *methods: str) -> Route:
    """An address; any method where none is named."""

    async def endpoint(request: Request) -> Response:
        call = call_of(request.scope, await request.body())
        return await answer(call, **request.path_params)

    every = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
    return Route(path, endpoint, methods=list(methods) or every)
