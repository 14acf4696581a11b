"""A provider of these tests' own: its adapter, and a server that behaves, fails and bills on demand.

POST /jobs            {id, prompt, seconds, frame}        → 202 {"job": …}
GET  /jobs/ID                                             → {"state", "url", "usd"}
POST /jobs/ID/cancel                                      → {"cancelled"}
GET  /jobs            every job, with the mark that its submit carried
POST /uploads         bytes                               → {"ref": …}
GET  /files/ID.mp4    without the key
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Event, Lock, Thread
from typing import Any, Literal

import av
import numpy as np

from storyboard.exchange import (
    Auth,
    Done,
    Found,
    FrameRefs,
    HttpRequest,
    HttpResponse,
    Intent,
    JobFailed,
    Kind,
    Media,
    Operation,
    Rejected,
    Result,
    Running,
    SafeToSend,
    Unclear,
    Undecided,
    Unseen,
)
from storyboard.model import Size
from storyboard.provider import Lengths, Model, Price, Rhythm

KEY = "kiln-id-1234:very-secret-5678"
HOST = "https://api.kiln.example"
MODES = frozenset({"text", "first_frame"})

Means = Literal["id", "listing", "nothing"]


def model(
    name: str = "kiln/clip", usd: str = "0.1", concurrency: int = 4, deadline: float = 30
) -> Model:
    return Model(
        name=name,
        title="Kiln",
        local=False,
        repeatable=False,
        modes=MODES,
        lengths=Lengths(choices=(Fraction(1), Fraction(2))),
        sizes={"16:9": Size(160, 90)},
        fps=Fraction(12),
        concurrency=concurrency,
        rhythm=Rhythm(deadline=deadline),
        prices=(
            Price(
                modes=MODES,
                audio="any",
                low_usd=Fraction(usd),
                high_usd=Fraction(usd),
                confidence="source page",
                source="these tests",
                as_of="2026-11",
            ),
        ),
    )


@dataclass
class Kiln:
    """The adapter. `means` is how a lost job can be found."""

    means: Means = "id"
    uploads: frozenset[str] = frozenset()
    limits: Mapping[str, Any] = field(default_factory=dict)
    name: str = "kiln"
    auth: Auth = field(default_factory=lambda: Auth("Bearer", ("KILN_KEY", "KILN_API_KEY")))
    hosts: tuple[str, ...] = (HOST,)

    def models(self) -> Mapping[str, Model]:
        return {
            "kiln/clip": model(**self.limits),
            "kiln/plate": model("kiln/plate", "0.2", **self.limits),
        }

    def upload(self, media: Media) -> HttpRequest:
        return HttpRequest(method="POST", url=f"{HOST}/uploads", content=media.data)

    def uploaded(self, media: Media, response: HttpResponse) -> HttpRequest | str | Rejected:
        match response.json():
            case {"ref": str(ref)}:
                return ref
        return _no(response)

    def submit(self, intent: Intent, frames: FrameRefs) -> HttpRequest:
        first = frames.get("first_frame")
        frame = None
        if first:
            frame = first.reference or base64.b64encode(first.data).decode()
        return HttpRequest(
            method="POST",
            url=f"{HOST}/jobs",
            json={
                "id": intent.nonce if self.means == "id" else None,
                "mark": intent.nonce if self.means == "listing" else None,
                "prompt": intent.request.prompts[0].text,
                "seconds": int(intent.request.duration),
                "frame": frame,
            },
        )

    def submitted(self, intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
        match response.status, response.json():
            case 202 | 409, {"job": str(job)}:
                return Operation(provider="kiln", model=intent.request.model, id=job)
            case status, {"error": str()} if status < 500:
                return _no(response)
        return Unclear(f"HTTP {response.status}")

    def poll(self, operation: Operation) -> HttpRequest:
        return HttpRequest(method="GET", url=f"{HOST}/jobs/{operation.id}")

    def polled(self, operation: Operation, response: HttpResponse) -> Running | Done | JobFailed:
        match response.json():
            case {"state": "done", "url": str(url), "usd": usd}:
                return Done(results=(Result(url=url),), charged_usd=Fraction(str(usd)))
            case {"state": "failed", "error": str(words)}:
                return JobFailed(kind=Kind.FAULT, words=words)
            case {"state": "running", "progress": progress}:
                return Running(progress=progress)
        return Unseen() if response.status == 404 else Running()

    def recover(
        self, intent: Intent, seen: Sequence[HttpResponse]
    ) -> HttpRequest | Found | Undecided | SafeToSend:
        if self.means == "nothing":
            return Undecided("Kiln has no way to look for a job")
        path = f"/jobs/{intent.nonce}" if self.means == "id" else "/jobs"
        question = HttpRequest(method="GET", url=HOST + path)
        if not seen:
            return question
        match seen[-1].json():
            case {"job": str(job)}:
                return Found(Operation(provider="kiln", model="kiln/clip", id=job))
            case {"jobs": list(jobs)}:
                for job in jobs:
                    if isinstance(job, dict) and job["mark"] == intent.nonce:
                        return Found(
                            Operation(provider="kiln", model="kiln/clip", id=str(job["job"]))
                        )
        if self.means == "id":
            return SafeToSend() if seen[-1].status == 404 else question
        return Undecided("its list shows no such job, and may be late")

    def operation(self, intent: Intent, id_: str) -> Operation:
        return Operation(provider="kiln", model="kiln/clip", id=id_)

    def ping(self) -> HttpRequest:
        return HttpRequest(method="GET", url=f"{HOST}/jobs")


class CancellingKiln(Kiln):
    """The same, with jobs that can be cancelled."""

    def cancel(self, operation: Operation) -> HttpRequest:
        return HttpRequest(method="POST", url=f"{HOST}/jobs/{operation.id}/cancel")

    def cancelled(self, operation: Operation, response: HttpResponse) -> bool | None:
        match response.json():
            case {"cancelled": bool(ended)}:
                return ended
        return None


def _no(response: HttpResponse) -> Rejected:
    body = response.json()
    words = str(body.get("error")) if isinstance(body, dict) else "no words"
    kinds = {
        401: Kind.KEY,
        402: Kind.NO_CREDIT,
        422: Kind.INVALID,
        429: Kind.RATE,
        451: Kind.REFUSED,
    }
    told = response.headers.get("retry-after")
    return Rejected(
        kind=kinds.get(response.status, Kind.FAULT),
        words=words,
        field=str(body["field"]) if isinstance(body, dict) and "field" in body else None,
        retry_after=float(told) if told else None,
    )  # fmt: skip


@dataclass
class Job:
    id: str
    mark: str | None
    prompt: str
    seconds: int
    frame: bytes | None
    polls: int = 0
    stuck: bool = False

    @property
    def salt(self) -> bytes:
        """What makes a clip another than that of the same request: where ids are the kiln's own."""
        return self.id.encode() if self.id.startswith("kiln-") else b""


@dataclass
class KilnServer:
    """The server. `faults` holds, by route, what goes wrong with its next requests, in order.

    A fault is a status (`429`, `500`), or one of `drop` (before anything is
    done), `lose` (after all is done), `html`, `half` (of the body), `expired`,
    `redirect URL`, `late` (done, and answered when `gate` is set), `hang`
    (nothing done, nothing said until then), `stuck` (of a submit: a job that
    never ends), `ok`.
    """

    url: str
    jobs: dict[str, Job] = field(default_factory=dict)
    faults: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    fail_once: set[str] = field(default_factory=set)
    condemned: set[str] = field(default_factory=set)
    stuck: bool = False
    polls_needed: int = 1
    gate: Event = field(default_factory=Event)
    accepted: Event = field(default_factory=Event)
    polled: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def count(self, method: str, path: str) -> int:
        return sum(m == method and p.startswith(path) for m, p, _ in self.seen)

    @property
    def submits(self) -> int:
        return self.count("POST", "/jobs")

    @property
    def charged(self) -> float:
        """What the provider charges: for every job that it accepted and did not fail."""
        return sum(
            job.seconds * 0.1 for job in self.jobs.values() if job.prompt not in self.failing
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kiln: KilnServer

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        self._serve("POST")

    def do_GET(self) -> None:
        self._serve("GET")

    def _serve(self, method: str) -> None:
        kiln = self.kiln
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        route = {"jobs": "submit" if method == "POST" else "poll"}.get(
            self.path.split("/")[1], self.path.split("/")[1]
        )
        if method == "GET" and self.path == "/jobs":
            route = "list"
        with kiln.lock:
            kiln.seen.append((method, self.path, self.headers.get("Authorization")))
            fault = kiln.faults[route].pop(0) if kiln.faults[route] else "ok"
        if fault in {"drop", "hang"}:
            kiln.gate.wait(20 if fault == "hang" else 0)
            return self._drop()
        if fault == "html":
            return self._answer(200, b"<html>Bad gateway</html>", {})
        if fault == "expired":
            return self._answer(403, b"<Error>AccessDenied</Error>", {})
        if isinstance(fault, str) and fault.startswith("redirect "):
            return self._answer(302, b"", {"Location": fault.split(" ")[1]})
        if isinstance(fault, int):
            later = {"Retry-After": "0"} if fault == 429 else {}
            return self._json(fault, {"error": f"{fault} on {route}, key {KEY}"}, later)
        if route != "files" and self.headers.get("Authorization") != f"Bearer {KEY}":
            return self._json(401, {"error": "no such key"}, {})
        status, answer = self._done(method, body, stuck=fault == "stuck")
        if fault == "lose":
            return self._drop()
        if fault == "late":
            kiln.accepted.set()
            kiln.gate.wait(20)
        if isinstance(answer, bytes):
            return self._answer(
                status, answer[: len(answer) // 2] if fault == "half" else answer, {}
            )
        return self._json(status, answer, {})

    def _done(self, method: str, body: bytes, *, stuck: bool) -> tuple[int, Any]:
        kiln, parts = self.kiln, self.path.strip("/").split("/")
        match method, parts:
            case "POST", ["uploads"]:
                ref = f"upload-{len(kiln.uploads)}"
                kiln.uploads[ref] = body
                return 200, {"ref": ref}
            case "POST", ["jobs"]:
                return self._submitted(json.loads(body), stuck=stuck)
            case "POST", ["jobs", id_, "cancel"]:
                if ended := kiln.stuck:  # else it has ended
                    kiln.failing.add(kiln.jobs[id_].prompt)
                    kiln.stuck = False
                return 200, {"cancelled": ended}
            case "GET", ["jobs"]:
                return 200, {"jobs": [{"job": j.id, "mark": j.mark} for j in kiln.jobs.values()]}
            case "GET", ["jobs", id_]:
                kiln.polled.set()
                return (200, self._state(kiln.jobs[id_])) if id_ in kiln.jobs else (404, {})
            case "GET", ["files", name]:
                job = kiln.jobs[name.removesuffix(".mp4")]
                return 200, clip(job.prompt, job.seconds, (job.frame or b"") + job.salt)
        return 404, {}

    def _submitted(self, asked: dict[str, Any], *, stuck: bool) -> tuple[int, Any]:
        kiln = self.kiln
        with kiln.lock:
            id_ = asked["id"] or f"kiln-{len(kiln.jobs) + 1}"
            if id_ in kiln.jobs:
                return 409, {"job": id_}
            frame = asked["frame"]
            data = None
            if frame:
                data = kiln.uploads[frame] if frame in kiln.uploads else base64.b64decode(frame)
            job = Job(id_, asked["mark"], asked["prompt"], asked["seconds"], data, stuck=stuck)
            kiln.jobs[id_] = job
        return 202, {"job": id_}

    def _state(self, job: Job) -> dict[str, Any]:
        job.polls += 1
        if self.kiln.stuck or job.stuck or job.polls < self.kiln.polls_needed:
            return {"job": job.id, "state": "running", "progress": 0.5}
        if job.id not in self.kiln.condemned and job.prompt in self.kiln.fail_once:
            self.kiln.fail_once.remove(job.prompt)
            self.kiln.condemned.add(job.id)
        if job.prompt in self.kiln.failing or job.id in self.kiln.condemned:
            return {"job": job.id, "state": "failed", "error": f"the kiln cracked, key {KEY}"}
        url = f"{self.kiln.url}/files/{job.id}.mp4"
        return {"job": job.id, "state": "done", "url": url, "usd": job.seconds * 0.1}

    def _json(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        self._answer(status, json.dumps(answer).encode(), headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # who asked has gone
            self.wfile.write(body)

    def _drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(2)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a connection that was dropped, or killed, on purpose


@contextmanager
def serving() -> Iterator[KilnServer]:
    """A server on a free port, for as long as the block lasts."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    kiln = KilnServer(f"http://127.0.0.1:{server.server_port}")
    handler.kiln = kiln
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield kiln
    finally:
        kiln.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


@cache
def clip(prompt: str, seconds: int, frame: bytes) -> bytes:
    """A clip of 12 frames a second, and one more, whose colour is the prompt's and its frame's."""
    color = sha256(prompt.encode() + frame).digest()[:3]
    picture = np.full((90, 160, 3), np.frombuffer(color, np.uint8), np.uint8)
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number in range(12 * seconds + 1):
            picture[:10, : 6 * (number + 1)] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()
