"""fal's queue: jobs are accepted, wait, run, and are asked after; they are charged as fal charges."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from fractions import Fraction
from typing import Any
from uuid import uuid4

from starlette.responses import JSONResponse, Response, StreamingResponse

from storyboard.exchange import Kind
from storyboard.simulators.calls import Call
from storyboard.simulators.clips import Wanted
from storyboard.simulators.fal import errors
from storyboard.simulators.fal.inputs import APP, ENDPOINTS, mistakes
from storyboard.simulators.fal.media import Media, fetched
from storyboard.simulators.fal.orders import Order, number_in
from storyboard.simulators.jobs import Failure, Job, Standing
from storyboard.simulators.world import World

_HOUR = 3600.0


class Queue:
    """The jobs of the simulated fal."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def submit(self, endpoint: str, call: Call) -> Job | Response:
        """Accept a job, or say why not."""
        fields = ENDPOINTS.get(endpoint)
        if fields is None:
            return errors.plain(404, f"Application '{endpoint}' not found")
        body = call.json()
        if not isinstance(body, dict):
            said = "Input should be a valid dictionary or object to extract fields from"
            return errors.of_input([errors.mistake((), "model_attributes_type", said, {}, None)])
        wrong, media = await self._looked_at(endpoint, body)
        at_once = self._world.switches["validates"] == "submit"
        if wrong and at_once:
            return errors.of_input(wrong)
        order = Order(endpoint, body, media)
        cost = Fraction(0) if wrong else order.cost
        if trouble := self._world.turned_away(order.prompt, cost):
            return errors.refusal(trouble)
        if crowded := self._crowded(call):
            return crowded
        job = self._world.accept(
            id_=str(uuid4()),
            model=endpoint,
            asked=order.asked,
            text=order.prompt,
            cost=cost,
            frames=list(media.data.values()),
            failure=Failure(Kind.INVALID, at=0.1) if wrong else None,
            detail=wrong,
            input=body,
            units=float(order.seconds),
            stored=call.headers.get("x-fal-store-io") != "0",
            lasts_s=_lifecycle(call.headers),
            start_within_s=number_in(call.headers.get("x-fal-request-timeout")),
        )
        if not job.failure:
            job.facts["wanted"] = order.wanted
            self._publish(job)  # it takes real time to make, so that begins now
        return job

    async def _looked_at(
        self, endpoint: str, body: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], Media]:
        switches = self._world.switches
        silent_end = switches["end_frame_sound"] == "silent"
        found = mistakes(
            ENDPOINTS[endpoint], body, strict=switches["strict"], silent_end=silent_end
        )
        wrong = list(found)
        media = Media() if wrong else await fetched(self._world, body)
        return wrong or media.mistakes, media

    def _crowded(self, call: Call) -> Response | None:
        """The answer where the caller wants no longer queue than there is."""
        longest = number_in(call.query.get("fal_max_queue_length"))
        if longest is None:
            return None
        states = [self._world.jobs.standing(job).state for job in self._world.jobs]
        if states.count("queued") >= longest:
            return errors.plain(429, "The queue is longer than fal_max_queue_length")
        return None

    # How a job stands

    def find(self, request_id: str) -> Job | None:
        """A job that the queue has not forgotten."""
        job = self._world.jobs.find(request_id)
        if job is None:
            return None
        standing = self.standing(job)
        kept = self._world.switches["result_lasts_s"] if job.facts["stored"] else _HOUR
        forgotten = standing.ended and self._world.clock.now() >= standing.ended_at + kept
        return None if forgotten else job

    def standing(self, job: Job) -> Standing:
        """How a job stands; one that had to wait for too long has ended."""
        standing, within = self._world.jobs.standing(job), job.facts["start_within_s"]
        if within is None or job.cancelled_at is not None:
            return standing
        latest = job.accepted_at + within
        if standing.started_at > latest and self._world.clock.now() >= latest:
            job.cancelled_at, job.facts["timed_out"] = latest, True
            return self._world.jobs.standing(job)
        return standing

    def told(self, job: Job, status: str, **more: Any) -> dict[str, Any]:
        """What every answer about a job begins with."""
        base = f"{self._world.base}/{APP}/requests/{job.id}"
        return {
            "status": status,
            "request_id": job.id,
            "response_url": base,
            "status_url": f"{base}/status",
            "cancel_url": f"{base}/cancel",
            **more,
        }

    def accepted(self, job: Job) -> Response:
        """The answer to a submit."""
        position = self.standing(job).position
        told = self.told(job, "IN_QUEUE", queue_position=position)
        return JSONResponse(told, 200, {"x-fal-request-id": job.id})

    def status(self, request_id: str, *, logs: bool) -> Response:
        """How a job stands: 202 until it has ended, 200 then, however it has."""
        job = self.find(request_id)
        if job is None:
            return JSONResponse({"status": "NOT_FOUND"}, 404)
        ended, told = self._status(job, logs=logs)
        return JSONResponse(told, 200 if ended else 202)

    async def stream(self, request_id: str, *, logs: bool) -> Response:
        """The same as events, one whenever it has changed."""
        job = self.find(request_id)
        if job is None:
            return JSONResponse({"status": "NOT_FOUND"}, 404)

        async def events() -> AsyncIterator[str]:
            before = None
            while True:
                ended, told = self._status(job, logs=logs)
                if told != before:
                    before = told
                    yield f"data: {json.dumps(told)}\n\n"
                if ended:
                    return
                await asyncio.sleep(0.05)

        return StreamingResponse(events(), media_type="text/event-stream")

    def _status(self, job: Job, *, logs: bool) -> tuple[bool, dict[str, Any]]:
        standing = self.standing(job)
        if standing.state == "queued":
            return False, self.told(job, "IN_QUEUE", queue_position=standing.position)
        line = {
            "message": f"{standing.progress:.0%}",
            "level": "INFO",
            "source": "USER",
            "timestamp": job.date.isoformat(),
        }
        shown = [line] if logs else None
        if standing.state == "running":
            return False, self.told(job, "IN_PROGRESS", logs=shown)
        if standing.state == "done":
            ran = round(standing.ended_at - standing.started_at, 1)
            metrics = {"inference_time": ran}
            return True, self.told(job, "COMPLETED", logs=shown, metrics=metrics)
        failed = json.loads(bytes(self._failed(job).body))
        error, type_ = failed["detail"], failed.get("error_type")
        if isinstance(error, list):
            error, type_ = error[0]["msg"], error[0]["type"]
        told = self.told(job, "COMPLETED", logs=shown, metrics={}, error=error, error_type=type_)
        return True, told

    async def result(self, request_id: str) -> Response:
        """What the model has made, or the error that it ended with."""
        job = self.find(request_id)
        if job is None:
            return errors.plain(404, "Request not found")
        standing = self.standing(job)
        if not standing.ended:
            return errors.plain(400, "Request is still in progress")
        if standing.state != "done":
            return self._failed(job)
        headers = {"x-fal-request-id": job.id, "X-Fal-Billable-Units": str(job.facts["units"])}
        return JSONResponse(await self._output(job), 200, headers)

    async def ending(self, job: Job) -> tuple[int, Any]:
        """The status and the JSON that a job has ended with."""
        if self.standing(job).state == "done":
            return 200, await self._output(job)
        failed = self._failed(job)
        return failed.status_code, json.loads(bytes(failed.body))

    async def _output(self, job: Job) -> dict[str, Any]:
        if not job.facts.get("published"):
            self._publish(job)  # its time at its address begins now
            job.facts["published"] = True
        _, clip = await self._world.cdn.content(job.facts["url"])
        return {
            "video": {
                "url": job.facts["url"],
                "content_type": "video/mp4",
                "file_name": "output.mp4",
                "file_size": len(clip),
            }
        }

    def cancel(self, request_id: str) -> Response:
        """End a job that has not ended."""
        job = self.find(request_id)
        if job is None:
            return JSONResponse({"status": "NOT_FOUND"}, 404)
        if self._world.jobs.cancel(job):
            return JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202)
        return JSONResponse({"status": "ALREADY_COMPLETED"}, 400)

    def _failed(self, job: Job) -> JSONResponse:
        """The answer at the result's address of a job that has failed."""
        headers = {"x-fal-request-id": job.id}
        if job.facts.get("timed_out"):
            headers["X-Fal-Request-Timeout-Type"] = "user"
            return errors.plain(504, "Request timed out", "request_timeout", headers)
        if job.failure is None or job.cancelled_at is not None:
            return errors.plain(499, "Request was cancelled", "client_cancelled", headers)
        if job.failure.kind is Kind.INVALID:
            return errors.of_input(job.facts["detail"], job.id)
        if job.failure.kind is Kind.REFUSED:
            return errors.of_input([errors.flagged(job.failure.words)], job.id)
        said = job.failure.words or "Internal Server Error"
        return errors.plain(500, said, "internal_server_error", headers)

    def _publish(self, job: Job) -> None:
        path = f"/files/b/{job.id[:8]}/{job.id[-12:]}_output.mp4"
        wanted: Wanted = job.facts["wanted"]
        job.facts["url"] = self._world.make(path, wanted, lasts_s=job.facts["lasts_s"])


def _lifecycle(headers: Mapping[str, str]) -> float | None:
    """How long a clip is to be kept, in seconds."""
    try:
        asked = json.loads(headers.get("x-fal-object-lifecycle-preference", "{}"))
        return float(asked["expiration_duration_seconds"])
    except (ValueError, KeyError, TypeError):
        return None
