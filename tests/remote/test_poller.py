"""Polls that are due together go in one request, where the provider takes many at once."""

from __future__ import annotations

import asyncio

import pytest
from kiln import KEY, CancellingKiln, Kiln, KilnServer

from storyboard.exchange import (
    Done,
    HttpRequest,
    HttpResponse,
    Operation,
    Running,
    Unseen,
)
from storyboard.remote.access import Access
from storyboard.remote.line import Line
from storyboard.remote.poller import Polled
from storyboard.remote.wire import Unanswered


class BatchingKiln(Kiln):
    """A kiln that is asked after all jobs at once."""

    def poll_many(self, operations: list[Operation]) -> HttpRequest:
        return HttpRequest(method="GET", url=f"{self.hosts[0]}/jobs")

    def polled_many(
        self, operations: list[Operation], response: HttpResponse
    ) -> dict[str, Running | Done]:
        body = response.json()
        listed = body["jobs"] if isinstance(body, dict) and "jobs" in body else []
        known = {job["job"] for job in listed}  # type: ignore[index,union-attr]
        return {each.id: Running() if each.id in known else Unseen() for each in operations}


def polled(server: KilnServer, kiln: Kiln, *jobs: str) -> list[Polled | BaseException]:
    async def ask() -> list[Polled | BaseException]:
        line = Line(kiln, Access(KEY, "KILN_KEY", server.url))
        operations = [Operation(provider="kiln", model="kiln/clip", id=job) for job in jobs]
        try:
            return await asyncio.gather(
                *(line.poller.poll(each, 0.5) for each in operations), return_exceptions=True
            )
        finally:
            await line.wire.close()

    return asyncio.run(ask())


def test_many_polls_are_one_request(server: KilnServer) -> None:
    answers = polled(server, BatchingKiln(), *(f"job-{number}" for number in range(60)))

    assert server.count("GET", "/jobs") == 2  # of fifty at most
    assert len(answers) == 60
    assert all(isinstance(each, tuple) and isinstance(each[0], Unseen) for each in answers)


def test_a_question_without_an_answer_is_everybodys(server: KilnServer) -> None:
    server.faults["list"] = ["drop"] * 2  # a GET is asked once more by itself

    answers = polled(server, BatchingKiln(), "job-1", "job-2")

    assert [type(each) for each in answers] == [Unanswered, Unanswered]


@pytest.mark.parametrize("kiln", [Kiln(), CancellingKiln()])
def test_elsewhere_each_is_asked_by_itself(server: KilnServer, kiln: Kiln) -> None:
    answers = polled(server, kiln, "job-1", "job-2")

    assert server.count("GET", "/jobs/") == len(answers) == 2
