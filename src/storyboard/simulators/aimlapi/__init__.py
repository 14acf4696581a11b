"""AI/ML API, simulated: jobs, the log of calls that lags behind, the balance and the charges."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from storyboard.digest import digest_bytes
from storyboard.exchange import Kind
from storyboard.model import Size
from storyboard.simulators.aimlapi import replies
from storyboard.simulators.aimlapi.inputs import IMAGE, MOTION, TEXT, mistake, model_of
from storyboard.simulators.calls import Call, Purpose
from storyboard.simulators.cdn import call_of
from storyboard.simulators.clips import Wanted, seed_of
from storyboard.simulators.films import seconds_of
from storyboard.simulators.jobs import Job
from storyboard.simulators.world import Setting, Trouble, World

_Answer: TypeAlias = Callable[[Call], Awaitable[Response]]

_JOBS = ("/v2/video/generations", "/v2/generate/video/kling/generation", "/v1/video/generations")
"""The address of jobs as it is now, as the model's page has it, and as it was."""

_SIZES = {"16:9": Size(1920, 1080), "9:16": Size(1080, 1920), "1:1": Size(1080, 1080)}
_USD_PER_SECOND = {False: Fraction("0.091"), True: Fraction("0.182")}
_USD_PER_SECOND_OF_MOTION = Fraction("0.146")
_LONGEST_WINDOW = timedelta(days=92)
_PERIODS = {"1h": 1, "24h": 24, "7d": 7 * 24, "30d": 30 * 24}

_REFUSALS: Mapping[Kind, tuple[int, str]] = {
    Kind.KEY: (401, "A valid API key is required"),
    Kind.NO_CREDIT: (403, "You have run out of credits. Please top up your balance"),
    Kind.RATE: (429, "Too Many Requests"),
    Kind.REFUSED: (400, "The prompt does not fit the content policy"),
    Kind.FAULT: (500, "Something went wrong with the server"),
}
"""The usual status and words, where a request is turned away."""


class AimlApi:
    """The simulator of `aimlapi`."""

    switches: Mapping[str, Setting] = {
        "strict": True,  # an unknown parameter is an error; else it is ignored
        "bare_base64": False,  # a picture may be Base64 without `data:`
        "created": False,  # a submit is answered with 201, not 200
        "log_at_end": False,  # a call is in the log only when its job has ended
        "log_lag_s": 30.0,  # and then so many simulated seconds later
    }

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Sequence[BaseRoute]:
        """Its addresses."""
        jobs = [
            Route(path, self._answered(handler), methods=[method])
            for path in _JOBS
            for method, handler in (("POST", self._submit), ("GET", self._poll))
        ]
        lists = {
            "/v2/logs": self._log,
            "/v2/billing": self._balance,
            "/v2/billing/transactions": self._charges,
        }
        return [*jobs, *(Route(path, self._answered(handler)) for path, handler in lists.items())]

    def purpose(self, call: Call) -> Purpose:
        """What a request is for."""
        if call.path in _JOBS:
            return "submit" if call.method == "POST" else "poll"
        return "list" if call.path in {"/v2/logs", "/v2/billing/transactions"} else "other"

    def refusal(self, trouble: Trouble, call: Call) -> Response:
        """An error in its own shape."""
        usual, words = _REFUSALS.get(trouble.kind, (400, "Bad request"))
        headers = {}
        if trouble.retry_after is not None:
            headers["retry-after"] = f"{trouble.retry_after:g}"
        return self._error(trouble.status or usual, trouble.words or words, call, headers)

    def _answered(self, answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
        """What answers a request: the key is looked at first, the client's mark is given back."""

        async def answered(request: Request) -> Response:
            call = call_of(request.scope, await request.body())
            if call.key("Bearer") is None:
                response = self.refusal(Trouble(kind=Kind.KEY), call)
            else:
                response = await answer(call)
            if mark := _mark(call):
                response.headers["x-client-request-id"] = mark
            return response

        return answered

    def _error(
        self, status: int, message: str, call: Call, headers: Mapping[str, str] | None = None
    ) -> Response:
        body = replies.error(
            status, message, path=call.path, request_id=self._id("request", len(self._world.calls))
        )
        return JSONResponse(body, status, headers=headers)

    def _id(self, what: str, number: int) -> str:
        seed = self._world.switches["seed"]
        return str(uuid5(NAMESPACE_URL, f"{self._world.base} {what} {seed} {number}"))

    # Jobs

    async def _submit(self, call: Call) -> Response:
        body = call.json()
        if not isinstance(body, dict):
            return self._error(400, "The body is not a JSON object", call)
        model = model_of(body)
        if model is None:
            return self._error(404, f"Unknown model {body.get('model')!r}", call)
        switches = self._world.switches
        wrong = mistake(model, body, strict=switches["strict"], bare=switches["bare_base64"])
        if wrong:
            return self._error(400, f"Body validation error: {wrong}", call)
        media = {
            name: await self._world.media(body[name])
            for name in ("image_url", "video_url")
            if name in body
        }
        wanted, cost = _wanted(model, body, media)
        text = body.get("prompt", "")
        if trouble := self._world.turned_away(text, cost):
            return self.refusal(trouble, call)
        digests = {name: digest_bytes(data) for name, data in media.items() if data}
        job = self._world.accept(
            id_=f"{self._id('job', len(self._world.jobs))}:{model}",
            model=model,
            asked={**body, **digests},
            text=text,
            cost=cost,
            frames=[data for data in media.values() if data],
            wanted=wanted,
            mark=_mark(call),
        )
        status = 201 if switches["created"] else 200
        return JSONResponse(replies.accepted(job.id), status, headers={"x-inference-id": job.id})

    async def _poll(self, call: Call) -> Response:
        id_ = call.query.get("generation_id")
        if not id_:
            return self._error(400, "Query validation error: generation_id: Required", call)
        job = self._world.jobs.find(id_)
        if job is None:
            return self._error(404, f"Generation with id {id_!r} is not found", call)
        standing = self._world.jobs.standing(job)
        headers = {"x-inference-id": job.id}
        match standing.state:
            case "queued":
                return JSONResponse(replies.unfinished(job.id, "queued"), headers=headers)
            case "running":
                return JSONResponse(replies.unfinished(job.id, "generating"), headers=headers)
            case "done":
                headers["x-aimlapi-credits-used"] = str(replies.credits_of(job.cost))
                headers["x-aimlapi-usd-spent"] = str(float(job.cost))
                url = self._clip(job)
                return JSONResponse(replies.completed(job.id, url, job.cost), headers=headers)
        return JSONResponse(replies.failed(job.id, *_why(job)), headers=headers)

    def _clip(self, job: Job) -> str:
        if "url" not in job.facts:
            name = job.id.partition(":")[0]
            job.facts["url"] = self._world.make(f"/files/{name}_output.mp4", job.facts["wanted"])
        url: str = job.facts["url"]
        return url

    # Lists

    async def _log(self, call: Call) -> Response:
        """The log of calls, newest first."""
        try:
            start, end = _window(call.query)
            limit, offset = int(call.query.get("limit", "50")), int(call.query.get("offset", "0"))
        except ValueError as error:
            return self._error(400, f"Query validation error: {error}", call)
        if end - start > _LONGEST_WINDOW or not 1 <= limit <= 100 or offset < 0:
            said = "at most 92 days, limit from 1 to 100, offset from 0"
            return self._error(400, f"Query validation error: {said}", call)
        rows = [
            replies.log_row(job, self._id("request", number))
            for number, job in enumerate(self._logged())
            if start <= job.date <= end and call.query.get("model", job.model) == job.model
        ]
        page = rows[::-1][offset : offset + limit]
        return JSONResponse({"data": page, "total": len(rows), "limit": limit, "offset": offset})

    def _logged(self) -> Iterator[Job]:
        """The jobs whose calls have come to the log by now."""
        switches = self._world.switches
        for job in self._world.jobs:
            ended = self._world.jobs.standing(job).ended_at
            since = ended if switches["log_at_end"] else job.accepted_at
            if since + switches["log_lag_s"] <= self._world.clock.now():
                yield job

    async def _charges(self, call: Call) -> Response:  # noqa: ARG002 - every list has its call
        """What was charged: when a job was done."""
        jobs = self._world.jobs
        rows = [replies.charge_row(job) for job in jobs if jobs.standing(job).state == "done"]
        return JSONResponse({"data": rows[::-1]})

    async def _balance(self, call: Call) -> Response:  # noqa: ARG002 - every list has its call
        balance = float(self._world.balance())
        return JSONResponse({"current_balance": balance, "currency": "USD"})


def _mark(call: Call) -> str | None:
    """The client's mark; one that is not well-formed is dropped without a word."""
    mark = call.headers.get("x-client-request-id", "")
    return mark if re.fullmatch(r"[A-Za-z0-9._:-]{1,128}", mark) else None


def _wanted(
    model: str, body: Mapping[str, Any], media: Mapping[str, bytes | None]
) -> tuple[Wanted, Fraction]:
    """The clip that a body asks for, and what it costs."""
    prompt = body.get("prompt", "")
    if model == MOTION:
        longest = 10 if body.get("character_orientation") == "image" else 30
        video = media.get("video_url")
        seconds = min(seconds_of(video) if video else Fraction(5), Fraction(longest))
        size = Size(1920, 1080) if body.get("mode") == "pro" else Size(1280, 720)
        sound, usd = body.get("keep_audio", True), _USD_PER_SECOND_OF_MOTION
    else:
        seconds = Fraction(body.get("duration", 5))
        size = _SIZES[body.get("aspect_ratio", "16:9") if model == TEXT else "16:9"]
        sound = body.get("generate_audio", True)
        usd = _USD_PER_SECOND[sound]
    wanted = Wanted(
        seconds=seconds,
        size=size,
        shots=((prompt, seconds),),
        first=media.get("image_url") if model in {IMAGE, MOTION} else None,
        sound=sound,
        seed=seed_of(model, prompt),
    )
    return wanted, seconds * usd


def _window(query: Mapping[str, str]) -> tuple[datetime, datetime]:
    """The time that the log is asked for.

    Raises:
        ValueError: it is none.
    """
    now = datetime.now(UTC)
    if "start" in query or "end" in query:
        end = _time(query["end"]) if "end" in query else now
        return (_time(query["start"]) if "start" in query else end - timedelta(days=1)), end
    period = query.get("period", "24h")
    if period not in _PERIODS:
        raise ValueError(f"period: expected {' | '.join(_PERIODS)}")
    return now - timedelta(hours=_PERIODS[period]), now


def _time(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _why(job: Job) -> tuple[str, str]:
    """The name and the words of a job's error."""
    failure = job.failure
    if failure and failure.kind is Kind.REFUSED:
        return "ContentPolicyViolation", failure.words or "Failure to pass the risk control system"
    return "GenerationError", (failure and failure.words) or "The generation failed"


simulator = AimlApi
