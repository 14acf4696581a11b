"""Runware's behaviour: one address, arrays of tasks, ids that the client chooses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from storyboard.exchange import Kind
from storyboard.simulators.calls import Call, Purpose, inline_media
from storyboard.simulators.cdn import call_of
from storyboard.simulators.clips import picture_of
from storyboard.simulators.jobs import Failure, Job
from storyboard.simulators.runware.errors import CODES, STATUS, error, status_of
from storyboard.simulators.runware.inputs import mistakes
from storyboard.simulators.runware.making import making_of
from storyboard.simulators.runware.results import answer_of, watch
from storyboard.simulators.world import Setting, Trouble, World

Items: TypeAlias = list[dict[str, Any]]
Answer: TypeAlias = tuple[Items, Items]
"""What goes to `data` and what goes to `errors`."""

_PURPOSES: Mapping[str, Purpose] = {
    "videoInference": "submit",
    "getResponse": "poll",
    "getTaskDetails": "list",
    "imageUpload": "upload",
    "mediaStorage": "upload",
}


class Runware:
    """The simulator of `runware`."""

    switches: Mapping[str, Setting] = {
        "duplicate_when_done": "accept",  # a known id, its job over: `accept` (and bill) or `conflict`
        "record_lasts_s": 0.0,  # how long getResponse knows an ended job; 0 is for ever
        "errors_in_data": False,  # a failed job is an item of `data`, not of `errors`
        "failed_poll_status": 200,  # of an answer that tells of nothing but failed jobs
        "status_in_results": True,  # results say `status: success`
        "status_in_ack": False,  # so do acknowledgements: `status: processing`
        "square": 1440,  # pixels of the square size of Pro
        "end_frame_sound": "reject",  # a last frame with sound: `reject`, or `silent`
        "standard": "full",  # what 2.6 Standard takes: all, or `motion` control alone
    }

    def __init__(self, world: World) -> None:
        self._world = world
        self._uploads: dict[str, bytes] = {}
        self._does: Mapping[str, Callable[[dict[str, Any]], Awaitable[Answer]]] = {
            "videoInference": self._infer,
            "getResponse": self._respond,
            "getTaskDetails": self._details,
            "imageUpload": self._upload_image,
            "mediaStorage": self._store,
            "accountManagement": self._account,
        }

    def routes(self) -> Sequence[BaseRoute]:
        """There is one address."""
        return [Route("/v1", self._answer, methods=["POST"])]

    def purpose(self, call: Call) -> Purpose:
        """What the first task is for."""
        tasks = call.json()
        first = tasks[0] if isinstance(tasks, list) and tasks else None
        kind = first.get("taskType") if isinstance(first, dict) else None
        return _PURPOSES.get(kind, "other") if isinstance(kind, str) else "other"

    def refusal(self, trouble: Trouble, call: Call) -> Response:
        """The trouble as the error of every task."""
        code, words = CODES[trouble.kind]
        tasks = [task for task in call.json() or [] if isinstance(task, dict)] or [{}]
        errors = [error(code, trouble.words or words, task=task) for task in tasks]
        wait = trouble.retry_after
        return JSONResponse(
            {"data": [], "errors": errors},
            trouble.status or STATUS.get(code, 400),
            headers={} if wait is None else {"Retry-After": f"{wait:g}"},
        )

    async def _answer(self, request: Request) -> Response:
        call = call_of(request.scope, await request.body())
        tasks = call.json()
        if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
            said = "The body must be an array of task objects."
            return _response([], [error("invalidRequestBody", said)])
        data, tasks, refused = _authenticated(call, tasks)
        if refused:
            return _response([], [refused])
        errors: Items = []
        for task in tasks:
            items, wrong = await self._do(task)
            data += items
            errors += wrong
        if errors and all(task.get("taskType") == "getResponse" for task in tasks):
            return _response(data, errors, self._world.switches["failed_poll_status"])
        return _response(data, errors)

    async def _do(self, task: dict[str, Any]) -> Answer:
        kind, id_ = task.get("taskType"), task.get("taskUUID")
        if not isinstance(kind, str) or kind not in self._does:
            return [], [error("invalidTaskType", f"Unknown taskType {kind!r}.", "taskType", task)]
        if not isinstance(id_, str):
            return [], [error("missingTaskUUID", "taskUUID is required.", "taskUUID", task)]
        return await self._does[kind](task)

    async def _infer(self, task: dict[str, Any]) -> Answer:
        world, id_ = self._world, task["taskUUID"]
        if wrong := mistakes(task, world.switches.json()) or await self._unreadable(task):
            return [], wrong
        known = world.jobs.find(id_)
        if known and not self._may_be_used_again(known):
            said = "A task with this taskUUID exists already."
            return [], [error("conflictTaskUUID", said, "taskUUID", task)]
        least_px = 300 * world.switches["scale"]
        making = await making_of(task, self._media, least_px)
        count = task.get("numberResults", 1)
        if trouble := world.turned_away(task["positivePrompt"], making.cost * count):
            code, words = CODES[trouble.kind]
            return [], [error(code, trouble.words or words, task=task)]
        job = world.accept(
            id_=id_,
            model=task["model"],
            asked=making.asked,
            text=task["positivePrompt"],
            cost=making.cost,
            frames=making.media,
            count=count,
            failure=Failure(Kind.INVALID, making.unfit, 0.1) if making.unfit else None,
            task=task,
            making=making,
            number=len(world.jobs),
        )
        watch(world, job)
        state = {"status": "processing"} if world.switches["status_in_ack"] else {}
        return [{"taskType": "videoInference", "taskUUID": id_, **state}], []

    def _may_be_used_again(self, known: Job) -> bool:
        over = self._world.jobs.standing(known).ended
        return over and self._world.switches["duplicate_when_done"] == "accept"

    async def _unreadable(self, task: Mapping[str, Any]) -> Items:
        """Errors for pictures that are neither an address, nor uploaded, nor a picture."""
        inputs = task.get("inputs", {})
        found = []
        for name, items in inputs.items():
            for item in items:
                text = item["image"] if isinstance(item, dict) else item
                if text.startswith(("http://", "https://")) or text in self._uploads:
                    continue
                data = inline_media(text)
                if data is None or (name != "referenceVideos" and picture_of(data) is None):
                    code = "invalidFrameImages" if name == "frameImages" else "invalidInputs"
                    said = "It is no URL, no UUID of an upload, and no file."
                    found.append(error(code, said, f"inputs.{name}", task))
        return found

    async def _respond(self, task: dict[str, Any]) -> Answer:
        job = self._world.jobs.find(task["taskUUID"])
        if job is None or self._is_forgotten(job):
            return [], []
        return answer_of(self._world, job)

    def _is_forgotten(self, job: Job) -> bool:
        lasts: float = self._world.switches["record_lasts_s"]
        standing = self._world.jobs.standing(job)
        return (
            bool(lasts) and standing.ended and self._world.clock.now() > standing.ended_at + lasts
        )

    async def _details(self, task: dict[str, Any]) -> Answer:
        job = self._world.jobs.find(task["taskUUID"])
        if job is None:
            return [], [error("taskNotFound", "There is no such task.", "taskUUID", task)]
        data, errors = answer_of(self._world, job)
        response = {"data": data, **({"errors": errors} if errors else {})}
        return [{**_of(task), "request": [job.facts["task"]], "response": response}], []

    async def _upload_image(self, task: dict[str, Any]) -> Answer:
        data = await self._media(task["image"]) if isinstance(task.get("image"), str) else None
        if data is None or picture_of(data) is None:
            return [], [error("invalidImage", "This is no image.", "image", task)]
        id_, url = self._keep(data, "ii")
        return [{**_of(task), "imageUUID": id_, "imageURL": url}], []

    async def _store(self, task: dict[str, Any]) -> Answer:
        operation, media = task.get("operation"), task.get("media")
        if operation not in {"upload", "delete"}:
            said = "operation is upload or delete."
            return [], [error("invalidOperation", said, "operation", task)]
        if operation == "delete":
            if self._uploads.pop(str(media), None) is None:
                return [], [error("mediaNotFound", "There is no such media.", "media", task)]
            return [{**_of(task), "operation": "delete", "mediaUUID": media}], []
        data = await self._media(media) if isinstance(media, str) else None
        if data is None:
            return [], [error("invalidMedia", "This is no media.", "media", task)]
        id_, url = self._keep(data, "mm")
        kept = {"operation": "upload", "mediaUUID": id_, "mediaURL": url}
        return [{**_of(task), **kept}], []

    def _keep(self, data: bytes, kind: str) -> tuple[str, str]:
        id_ = str(uuid4())
        self._uploads[id_] = data
        return id_, self._world.cdn.publish(f"/{kind}/{id_}", data, "application/octet-stream")

    async def _account(self, task: dict[str, Any]) -> Answer:
        if task.get("operation") != "getDetails":
            said = "Only getDetails is simulated."
            return [], [error("invalidOperation", said, "operation", task)]
        balance = {"amount": float(self._world.balance()), "currency": "USD"}
        names = {"organizationName": "Simulated", "operation": "getDetails"}
        return [{**_of(task), **names, "balance": balance}], []

    async def _media(self, text: str) -> bytes | None:
        return self._uploads.get(text) or await self._world.media(text)


def _of(task: Mapping[str, Any]) -> dict[str, Any]:
    return {"taskType": task["taskType"], "taskUUID": task["taskUUID"]}


def _authenticated(call: Call, tasks: Items) -> tuple[Items, Items, dict[str, Any] | None]:
    """The answer to a task that authenticates, the other tasks, and why the key is no good."""
    first = tasks[0] if tasks else {}
    if first.get("taskType") == "authentication":
        key = first.get("apiKey")
        if key in {None, "", "invalid"}:
            return [], [], error("invalidApiKey", "The API key is invalid.", task=first)
        session = {"taskType": "authentication", "connectionSessionUUID": str(uuid4())}
        return [session], tasks[1:], None
    if "authorization" not in call.headers:
        return [], [], error("missingApiKey", "An API key is required.", task=first)
    if call.key("Bearer") is None:
        return [], [], error("invalidApiKey", "The API key is invalid.", task=first)
    return [], tasks, None


def _response(data: Items, errors: Items, status: int | None = None) -> Response:
    """An answer: its status tells of errors only where there is nothing else."""
    body = {"data": data, **({"errors": errors} if errors else {})}
    usual = status_of(errors) if errors and not data else 200
    return JSONResponse(body, status or usual)


simulator = Runware
