"""fal's list of one's own requests, which shows them only after a while."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from storyboard.simulators.calls import Call
from storyboard.simulators.fal import errors
from storyboard.simulators.fal.queue import Queue
from storyboard.simulators.jobs import Job
from storyboard.simulators.world import World

_MOST = 100  # on a page


class Records:
    """What the simulated fal keeps of requests."""

    def __init__(self, world: World, queue: Queue) -> None:
        self._world = world
        self._queue = queue

    async def page(self, call: Call) -> Response:
        """A page of the list, the newest first."""
        query = call.query
        if not query.get("endpoint_id"):
            return errors.plain(400, "endpoint_id is required", "validation_error")
        try:
            start, end = (_time(query.get(name)) for name in ("start", "end"))
            most, offset = int(query.get("limit", "50")), _offset(query.get("cursor"))
        except ValueError as error:
            return errors.plain(400, f"Invalid query: {error}", "validation_error")
        if not 1 <= most <= _MOST:
            return errors.plain(400, f"limit is 1 to {_MOST}", "validation_error")
        found = [
            job
            for job in reversed(list(self._world.jobs))
            if job.model == query["endpoint_id"]
            and self._is_listed(job)
            and (start is None or job.date >= start)
            and (end is None or job.date <= end)
            and query.get("request_id") in {None, job.id}
            and query.get("status") in {None, self._outcome(job)}
        ]
        payloads = "payloads" in query.get("expand", "").split(",")
        items = [await self._item(job, payloads=payloads) for job in found[offset : offset + most]]
        more = len(found) > offset + most
        cursor = b64encode(str(offset + most).encode()).decode() if more else None
        return JSONResponse({"items": items, "next_cursor": cursor, "has_more": more})

    def _is_listed(self, job: Job) -> bool:
        lag: float = self._world.switches["listing_lag_s"]
        return self._world.clock.now() >= job.accepted_at + lag

    def _outcome(self, job: Job) -> str | None:
        standing = self._queue.standing(job)
        return ("success" if standing.state == "done" else "error") if standing.ended else None

    async def _item(self, job: Job, *, payloads: bool) -> dict[str, Any]:
        standing = self._queue.standing(job)
        clock = self._world.clock

        def date(moment: float) -> str | None:
            if moment > clock.now():
                return None
            real = job.date + timedelta(seconds=clock.real(moment - job.accepted_at))
            return real.isoformat(timespec="milliseconds").replace("+00:00", "Z")

        began, ended = date(standing.started_at), standing.ended
        item: dict[str, Any] = {
            "request_id": job.id,
            "endpoint_id": job.model,
            "sent_at": date(job.accepted_at),
            "started_at": began,
            "ended_at": date(standing.ended_at) if ended else None,
            "status_code": None,
            "duration": None,
        }
        output = None
        if ended:
            if began:
                item["duration"] = round(standing.ended_at - standing.started_at, 3)
            item["status_code"], output = await self._queue.ending(job)
        if payloads and job.facts["stored"]:
            item |= {"json_input": job.facts["input"], "json_output": output}
        return item


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _offset(cursor: str | None) -> int:
    try:
        return int(b64decode(cursor)) if cursor else 0
    except Error as error:
        raise ValueError("the cursor is not one of ours") from error
