"""ModelStream, simulated: jobs in three shapes of answers, and no way to find one again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from storyboard.digest import digest_bytes
from storyboard.exchange import Kind
from storyboard.model import Size
from storyboard.simulators.calls import Call, Purpose
from storyboard.simulators.cdn import call_of
from storyboard.simulators.clips import Wanted, seed_of
from storyboard.simulators.jobs import Job
from storyboard.simulators.modelstream import replies
from storyboard.simulators.modelstream.inputs import MODEL, mistakes
from storyboard.simulators.world import Setting, Trouble, World

_Answer: TypeAlias = Callable[[Call], Awaitable[Response]]

_JOBS = "/v1/video/generations"
_ALSO = "/v1/videos"
"""Where gateways of this kind answer as well when a job is asked after."""

_SIZES = {"std": Size(1280, 720), "pro": Size(1920, 1080)}
_USD_PER_SECOND = {"std": Fraction("0.042"), "pro": Fraction("0.07"), "sound": Fraction("0.14")}
"""Kling's own rates: ModelStream's are not published."""

_REFUSALS: Mapping[Kind, tuple[int, str, str]] = {
    Kind.KEY: (401, "invalid_api_key", "Invalid token"),
    Kind.NO_CREDIT: (402, "insufficient_quota", "The quota is exhausted"),
    Kind.RATE: (429, "rate_limit_exceeded", "Too many requests"),
    Kind.REFUSED: (400, "task_failed", "code: 1301, message: Failure to pass the risk control system"),
    Kind.FAULT: (503, "channel_error", f"No channel for {MODEL} is available"),
}  # fmt: skip
"""The usual status, code and words, where a request is turned away."""

_FROZEN = (403, "forbidden", "The key is frozen, or has no permission for the model")


class ModelStream:
    """The simulator of `modelstream`."""

    switches: Mapping[str, Setting] = {
        "wrapped": False,  # answers as the gateway has them, with Kling's within; else flat ones
        "mixed": False,  # answers as another gateway of the family has them
        "gateway_errors": False,  # errors as the gateway has them; else as the page shows them
        "data_uri": False,  # a picture may have a `data:` prefix, which Kling refuses
        "prompt_required": False,  # a prompt is wanted at the top, too
        "ignore_multi_shot": False,  # of several prompts only the first is made, as long as it is
        "quota_is_403": False,  # an exhausted quota is answered with 403
        "frozen": False,  # the key is frozen
    }

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Sequence[BaseRoute]:
        """Its addresses."""
        return [
            Route(_JOBS, self._answered(self._submit), methods=["POST"]),
            Route(f"{_JOBS}/{{id}}", self._answered(self._poll)),
            Route(f"{_ALSO}/{{id}}", self._answered(self._poll)),
        ]

    def purpose(self, call: Call) -> Purpose:
        """What a request is for."""
        if call.path == _JOBS and call.method == "POST":
            return "submit"
        return "poll" if call.path.startswith((f"{_JOBS}/", f"{_ALSO}/")) else "other"

    def refusal(self, trouble: Trouble, call: Call) -> Response:  # noqa: ARG002 - all are alike
        """An error, in one of the two shapes."""
        usual, code, words = _REFUSALS.get(trouble.kind, (400, "invalid_request", "Bad request"))
        if trouble.kind is Kind.NO_CREDIT and self._world.switches["quota_is_403"]:
            usual, code = 403, "insufficient_user_quota"
        headers = {}
        if trouble.retry_after is not None:
            headers["retry-after"] = f"{trouble.retry_after:g}"
        status, words = trouble.status or usual, trouble.words or words
        return self._error(status, code, words, headers=headers)

    def _error(
        self,
        status: int,
        code: str,
        message: str,
        parameter: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        if self._world.switches["gateway_errors"]:
            body = replies.gateway_error(code, message)
        else:
            body = replies.openai_error(status, message, parameter, code)
        return JSONResponse(body, status, headers=headers)

    def _answered(self, answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
        """What answers a request: the key is looked at first."""

        async def answered(request: Request) -> Response:
            call = call_of(request.scope, await request.body())
            if call.key("Bearer") is None:
                return self.refusal(Trouble(kind=Kind.KEY), call)
            if self._world.switches["frozen"]:
                return self._error(*_FROZEN)
            return await answer(call)

        return answered

    @property
    def _shape(self) -> replies.Shape:
        switches = self._world.switches
        return "mixed" if switches["mixed"] else "wrapped" if switches["wrapped"] else "flat"

    # Jobs

    async def _submit(self, call: Call) -> Response:
        switches, body = self._world.switches, call.json()
        for mistake in mistakes(body, lenient=switches["data_uri"]):
            return self._error(400, "invalid_request", mistake.message, mistake.parameter)
        if body["model"] != MODEL:
            said = f"no permission for the model {body['model']}"
            return self._error(403, "model_not_found", said, "model")
        if switches["prompt_required"] and not body.get("prompt"):
            return self._error(400, "invalid_request", "prompt is required", "prompt")
        pictures = {
            name: await self._world.media(body[name])
            for name in ("image", "image_tail")
            if name in body
        }
        wanted = self._wanted(body, pictures)
        cost = Fraction(str(body.get("duration", 5))) * _rate(body)
        text = " ".join(shot["prompt"] for shot in body["multi_prompt"])
        if trouble := self._world.turned_away(text, cost):
            return self.refusal(trouble, call)
        digests = {name: digest_bytes(data) for name, data in pictures.items() if data}
        job = self._world.accept(
            id_=self._new_id(),
            model=MODEL,
            asked={
                name: value for name, value in {**body, **digests}.items() if name != "metadata"
            },
            text=text,
            cost=cost,
            frames=[data for data in pictures.values() if data],
            wanted=wanted,
        )
        at = job.date.timestamp()
        return JSONResponse(replies.accepted(job.id, MODEL, self._shape, at))

    async def _poll(self, call: Call) -> Response:
        job = self._world.jobs.find(call.path.rpartition("/")[2])
        if job is None:
            return JSONResponse(replies.gateway_error("task_not_exist", "task_not_exist"), 400)
        standing = self._world.jobs.standing(job)
        url = self._clip(job) if standing.state == "done" else None
        return JSONResponse(replies.task(job, standing, self._shape, url))

    def _clip(self, job: Job) -> str:
        if "url" not in job.facts:
            job.facts["url"] = self._world.make(f"/files/{job.id}.mp4", job.facts["wanted"])
        url: str = job.facts["url"]
        return url

    def _new_id(self) -> str:
        seed, number = self._world.switches["seed"], len(self._world.jobs)
        return f"task_{uuid5(NAMESPACE_URL, f'{self._world.base} {seed} {number}').hex}"

    def _wanted(self, body: Mapping[str, Any], pictures: Mapping[str, bytes | None]) -> Wanted:
        """The clip that a body asks for."""
        shots = tuple(
            (shot["prompt"], Fraction(str(shot["duration"]))) for shot in body["multi_prompt"]
        )
        seconds = Fraction(str(body.get("duration", 5)))
        if not body.get("multi_shot"):
            shots = ((shots[0][0] or body.get("prompt", ""), seconds),)
        elif self._world.switches["ignore_multi_shot"]:
            shots, seconds = shots[:1], shots[0][1]
        small = body.get("size", "").upper() == "720P"
        return Wanted(
            seconds=seconds,
            size=_SIZES["std" if small else body.get("mode", "std")],
            shots=shots,
            first=pictures.get("image"),
            last=pictures.get("image_tail"),
            sound=body.get("sound") == "on",
            seed=seed_of(*(text for text, _ in shots)),
        )


def _rate(body: Mapping[str, Any]) -> Fraction:
    return _USD_PER_SECOND["sound" if body.get("sound") == "on" else body.get("mode", "std")]


simulator = ModelStream
