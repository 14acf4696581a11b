"""What Runware tells of a job, and what it sends when a result is ready."""

from __future__ import annotations

from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, uuid5

import httpx

from storyboard.exchange import Kind
from storyboard.simulators.clips import Wanted, seed_of
from storyboard.simulators.deliveries import Patience, deliver
from storyboard.simulators.jobs import Job
from storyboard.simulators.runware.errors import error
from storyboard.simulators.runware.making import Making
from storyboard.simulators.world import World

_PATIENCE = Patience(tries=8, first_wait_s=0.25, longest_wait_s=8.0)

Items: TypeAlias = list[dict[str, Any]]

_FAILURES = {
    Kind.REFUSED: ("invalidProviderContent", "The provider refused the content."),
    Kind.INVALID: ("processingFailed", "The input cannot be used."),
    Kind.FAULT: ("providerError", "The provider failed to make the video."),
}


def answer_of(world: World, job: Job) -> tuple[Items, Items]:
    """What getResponse says of a job: its items of `data`, and of `errors`."""
    standing, task = world.jobs.standing(job), job.facts["task"]
    about = {"taskType": "videoInference", "taskUUID": job.id}
    if standing.state == "failed" and job.failure:
        code, usual = _FAILURES[job.failure.kind]
        words = job.failure.words or usual
        if world.switches["errors_in_data"]:
            return [{**about, "status": "error", "error": {"code": code, "message": words}}], []
        return [], [{**error(code, words, task=task), "status": "error"}]
    ready = [_result(world, job, index) for index in range(standing.ready)]
    if standing.ended:
        return ready, []
    progress = {"status": "processing", "progress": int(100 * standing.progress)}
    return [*ready, {**about, **progress}], []


def watch(world: World, job: Job) -> None:
    """See to a job that was accepted: its clips are made, and sent where they are wanted."""
    for index in range(job.count):
        world.prepare(_wanted(job, index))
    if "webhookURL" in job.facts["task"] or "uploadEndpoint" in job.facts["task"]:
        world.later(_send(world, job))


def _wanted(job: Job, index: int) -> Wanted:
    making: Making = job.facts["making"]
    return making.wanted.seeded(_seed(job, index))


def _seed(job: Job, index: int) -> int:
    """The seed of a result: the first clip for an order is the same each time, others differ."""
    return seed_of(job.id, index) if job.duplicate_of else seed_of(index)


async def _send(world: World, job: Job) -> None:
    """Send each result as soon as it is ready, or that the job failed."""
    task = job.facts["task"]
    for index in range(job.count):
        standing = await world.jobs.reached(job, index + 1)
        if standing.state == "failed":
            data, errors = answer_of(world, job)
            await _post(world, task, (data or errors)[0])
            return
        if endpoint := task.get("uploadEndpoint"):
            type_, content = await world.cdn.content(_result(world, job, index)["videoURL"])
            headers = {"Content-Type": type_}
            put = httpx.Request("PUT", endpoint, content=content, headers=headers)
            await deliver(world.clock, put, _PATIENCE)
        await _post(world, task, _result(world, job, index))


async def _post(world: World, task: dict[str, Any], item: dict[str, Any]) -> None:
    if url := task.get("webhookURL"):
        await deliver(world.clock, httpx.Request("POST", url, json=item), _PATIENCE)


def _result(world: World, job: Job, index: int) -> dict[str, Any]:
    """A finished result, which can be fetched from now on."""
    task = job.facts["task"]
    item: dict[str, Any] = {"taskType": "videoInference", "taskUUID": job.id}
    if world.switches["status_in_results"]:
        item["status"] = "success"
    published: dict[int, dict[str, Any]] = job.facts.setdefault("published", {})
    if index not in published:
        wanted = _wanted(job, index)
        id_ = str(uuid5(NAMESPACE_URL, f"{job.id}/{job.facts['number']}/{index}"))
        path = f"/video/os/a01d21/ws/2/vi/{id_}.{wanted.container}"
        url = world.make(path, wanted, lasts_s=task.get("ttl"))
        published[index] = {"videoUUID": id_, "videoURL": url, "seed": _seed(job, index)}
    item |= published[index]
    if task.get("includeCost"):
        item["cost"] = float(job.cost)
    if task.get("safety", {}).get("checkContent"):
        item["NSFWContent"] = False
    return item
