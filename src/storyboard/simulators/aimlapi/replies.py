"""What AI/ML API answers, in its own shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from storyboard.simulators.jobs import Job

CREDITS_PER_USD = 2_000_000


def error(status: int, message: str, *, path: str, request_id: str) -> dict[str, Any]:
    """An error's body."""
    return {
        "message": message,
        "path": path,
        "requestId": request_id,
        "statusCode": status,
        "timestamp": _iso(datetime.now(UTC)),
    }


def accepted(id_: str) -> dict[str, Any]:
    """A submit's answer."""
    return {"id": id_, "status": "queued", "meta": {"usage": {"credits_used": 0}}}


def unfinished(id_: str, status: str) -> dict[str, Any]:
    """A job that is `queued` or `generating`."""
    return {"id": id_, "status": status, "video": None, "error": None, "meta": None}


def completed(id_: str, url: str, usd: Fraction) -> dict[str, Any]:
    """A job that is done, and what it cost."""
    return {
        "id": id_,
        "status": "completed",
        "video": {"url": url},
        "error": None,
        "meta": {"usage": {"credits_used": credits_of(usd), "usd_spent": float(usd)}},
    }


def failed(id_: str, name: str, message: str) -> dict[str, Any]:
    """A job that failed."""
    return {
        "id": id_,
        "status": "error",
        "video": None,
        "error": {"name": name, "message": message},
        "meta": None,
    }


def log_row(job: Job, request_id: str) -> dict[str, Any]:
    """A row of the log of calls."""
    return {
        "created": _iso(job.date),
        "status": 200,
        "model": job.model,
        "cost": {"usd": float(job.cost), "credits": credits_of(job.cost)},
        "request_id": request_id,
        "inference_id": job.id,
        "client_request_id": job.facts["mark"],
    }


def charge_row(job: Job) -> dict[str, Any]:
    """A row of the ledger of charges."""
    return {
        "reference_id": job.id,
        "type": "charge",
        "amount": -float(job.cost),
        "currency": "USD",
        "created_at": _iso(job.date),
    }


def credits_of(usd: Fraction) -> int:
    """Dollars as credits."""
    return round(usd * CREDITS_PER_USD)


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
