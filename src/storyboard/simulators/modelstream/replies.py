"""What ModelStream answers, in the shapes that are known: flat, wrapped and mixed."""

from __future__ import annotations

import time
from typing import Any, Literal, TypeAlias

from storyboard.exchange import Kind
from storyboard.simulators.clips import Wanted, delivered_size
from storyboard.simulators.jobs import Job, Standing

Shape: TypeAlias = Literal["flat", "wrapped", "mixed"]
Phase: TypeAlias = Literal["queued", "running", "done", "failed"]

_WORDS: dict[Shape, dict[Phase, str]] = {
    "flat": {
        "queued": "queued", "running": "in_progress", "done": "completed", "failed": "failed",
    },
    "wrapped": {
        "queued": "QUEUED", "running": "IN_PROGRESS", "done": "SUCCESS", "failed": "FAILURE",
    },
    "mixed": {
        "queued": "submitted", "running": "processing", "done": "succeeded", "failed": "failed",
    },
}  # fmt: skip


def openai_error(status: int, message: str, parameter: str | None, code: str) -> dict[str, Any]:
    """An error as the page shows it."""
    type_ = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": message, "type": type_, "param": parameter, "code": code}}


def gateway_error(code: str, message: str) -> dict[str, Any]:
    """An error as the gateway has it."""
    return {"code": code, "message": message, "data": None}


def accepted(id_: str, model: str, shape: Shape, at: float) -> dict[str, Any]:
    """A submit's answer."""
    match shape:
        case "flat":
            return {"task_id": id_, "status": "queued"}
        case "wrapped":
            return {
                "id": id_,
                "task_id": id_,
                "object": "video",
                "model": model,
                "status": "queued",
                "progress": 0,
                "created_at": int(at),
            }
        case "mixed":
            return {"code": "success", "data": {"task_id": id_, "status": "submitted"}}


def task(job: Job, standing: Standing, shape: Shape, url: str | None) -> dict[str, Any]:
    """How a job stands; `url` is its clip's, once it is done."""
    phase = _phase(standing)
    word = _WORDS[shape][phase]
    reason = _reason(job) if phase == "failed" else ""
    found = {"url": url, "format": "mp4"} if phase == "done" else {}
    match shape:
        case "flat":
            error = {"error": {"code": 0, "message": reason}} if phase == "failed" else {}
            clip = {"metadata": _metadata(job.facts["wanted"])} if phase == "done" else {}
            return {"task_id": job.id, "status": word, **found, **clip, **error}
        case "wrapped":
            submitted = int(job.date.timestamp())
            data = {
                "task_id": job.id,
                "status": word,
                "progress": "100%" if standing.ended else f"{standing.progress:.0%}",
                "submit_time": submitted,
                "start_time": 0 if phase == "queued" else submitted,
                "finish_time": int(time.time()) if standing.ended else 0,
                "fail_reason": reason,
                "data": _kling(job.id, phase, url, reason),
            }
            given = {"result_url": url} if phase == "done" else {}
            return {"code": "success", "message": "", "data": {**data, **given}}
        case "mixed":
            told = {"code": 0, "message": reason} if phase == "failed" else None
            data = {"task_id": job.id, "status": word, "error": told, **found}
            return {"code": "success", "data": data}


def _reason(job: Job) -> str:
    if job.failure and job.failure.kind is Kind.REFUSED:
        return job.failure.words or "code: 1301, message: Failure to pass the risk control system"
    return (job.failure and job.failure.words) or "The task failed upstream"


def _metadata(wanted: Wanted) -> dict[str, Any]:
    size = delivered_size(wanted)
    seconds = float(wanted.seconds)
    return {"duration": seconds, "fps": 24, "width": size.width, "height": size.height, "seed": 1}


def _phase(standing: Standing) -> Phase:
    match standing.state:
        case "cancelled":
            return "failed"
        case phase:
            return phase


def _kling(id_: str, phase: Phase, url: str | None, reason: str) -> dict[str, Any]:
    """Kling's own answer, as the gateway passes it on."""
    words: dict[Phase, str] = {
        "queued": "submitted", "running": "processing", "done": "succeed", "failed": "failed",
    }  # fmt: skip
    data: dict[str, Any] = {
        "task_id": id_.removeprefix("task_"),
        "task_status": words[phase],
        "task_status_msg": reason,
    }
    if phase == "done":
        data["task_result"] = {"videos": [{"id": "1", "url": url, "duration": "5.1"}]}
    return {"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}
