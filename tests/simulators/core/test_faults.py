"""Faults strike the requests that they are meant for, and knobs are strict."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from any_caller import Caller

from storyboard.simulators.server import simulation


@pytest.fixture
def narrow() -> Iterator[Caller]:
    """A provider that has nothing to do yet, and runs one job at a time."""
    switches = {"concurrency": 1, "scale": 0.1}
    with simulation("runware", speed=0.0, switches=switches) as urls, Caller(urls["runware"]) as it:
        yield it


def fault(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, **more}


@pytest.mark.parametrize(("kind", "accepted"), [("drop_before", 0), ("drop_after", 1)])
def test_a_connection_is_dropped_without_an_answer(
    provider: Caller, kind: str, accepted: int
) -> None:
    provider.knob("faults", [fault(kind)])
    jobs = len(provider.jobs())
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        provider.submit()
    assert len(provider.jobs()) == jobs + accepted
    assert provider.submit().status_code == 200


def test_an_answer_comes_late_and_the_job_is_there(provider: Caller) -> None:
    provider.knob("faults", [fault("delay", seconds=0.3)])
    jobs = len(provider.jobs())
    started = time.monotonic()
    assert provider.submit().status_code == 200
    assert time.monotonic() - started >= 0.3
    assert len(provider.jobs()) == jobs + 1


@pytest.mark.parametrize(
    ("set_", "status", "accepted"),
    [
        (fault("rate", retry_after=7), 429, 0),
        (fault("server_error"), 500, 0),
        (fault("server_error", status=503, accepted=True), 503, 1),
        (fault("html"), 502, 0),
        (fault("html", status=504, accepted=True), 504, 1),
        (fault("refuse"), 400, 0),
        (fault("no_credit"), 402, 0),
    ],
)
def test_a_submit_is_refused(
    provider: Caller, set_: dict[str, Any], status: int, accepted: int
) -> None:
    provider.knob("faults", [{**set_, "words": "because"}])
    jobs = len(provider.jobs())
    answer = provider.submit()
    assert answer.status_code == status
    assert len(provider.jobs()) == jobs + accepted
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)
    if set_["kind"] == "html":
        assert answer.headers["content-type"].startswith("text/html")
    else:
        assert answer.json()["errors"][0]["message"] == "because"


def test_faults_choose_their_requests(provider: Caller) -> None:
    provider.knob(
        "faults",
        [
            fault("server_error", skip=1, times=2),
            fault("rate", containing="storm", times=None),
            fault("server_error", on=["poll"], containing="the-id"),
        ],
    )
    said = [
        provider.submit(prompt).status_code for prompt in ("a sea", "a storm", "a sea", "a sea")
    ]
    assert said == [200, 500, 500, 200]
    assert provider.submit("the storm").status_code == 429
    assert provider.submit("the storm again").status_code == 429
    assert provider.poll("another").status_code == 200
    assert provider.poll("the-id").status_code == 500
    assert [each["struck"] for each in provider.knob("faults").json()] == [2, 2, 1]


def test_jobs_are_struck(narrow: Caller) -> None:
    provider = narrow
    provider.knob("switches", {"concurrency": 4})
    faults = [fault("stuck"), fault("slow_job", seconds=100_000), fault("fail", at=0.5)]
    provider.knob("faults", faults)
    ids = [str(uuid4()) for _ in range(4)]
    for id_ in ids:
        assert provider.submit(id_=id_).status_code == 200
    seen = []
    for seconds in (70, 100, 200_000):
        provider.knob("clock", {"advance_s": seconds})
        states = {job["id"]: job["status"] for job in provider.jobs()}
        seen.append([states[id_] for id_ in ids])
    assert seen == [
        ["running", "running", "failed", "running"],
        ["running", "running", "failed", "done"],
        ["running", "done", "failed", "done"],
    ]


def test_only_so_many_run_at_once(narrow: Caller) -> None:
    provider = narrow
    ids = [str(uuid4()) for _ in range(3)]
    for id_ in ids:
        provider.submit(id_=id_)
    seen = []
    for seconds in (20, 110, 110, 110):
        provider.knob("clock", {"advance_s": seconds})
        states = {job["id"]: job["status"] for job in provider.jobs()}
        seen.append([states[id_] for id_ in ids])
    assert seen == [
        ["running", "queued", "queued"],
        ["done", "running", "queued"],
        ["done", "done", "running"],
        ["done", "done", "done"],
    ]


def test_what_runs_goes_on_when_fewer_may(narrow: Caller) -> None:
    narrow.knob("switches", {"concurrency": 2})
    for _ in range(4):
        narrow.submit()
    seen = []
    for seconds, concurrency in [(20, 1), (110, 1), (110, 3), (110, 3)]:
        narrow.knob("clock", {"advance_s": seconds})
        narrow.knob("switches", {"concurrency": concurrency})
        seen.append([job["status"] for job in narrow.jobs()])
    assert seen == [
        ["running", "running", "queued", "queued"],
        ["done", "done", "running", "queued"],
        ["done", "done", "done", "running"],
        ["done", "done", "done", "done"],
    ]


def test_too_many_requests_a_minute_are_refused(provider: Caller) -> None:
    provider.knob("clock", {"advance_s": 100})
    provider.knob("switches", {"requests_per_minute": 2})
    assert [provider.poll("x").status_code for _ in range(3)] == [200, 200, 429]
    provider.knob("clock", {"advance_s": 61})
    assert provider.poll("x").status_code == 200


@pytest.mark.parametrize(
    ("name", "setting", "said"),
    [
        ("faults", {}, "not of type 'array'"),
        ("faults", [{"kind": "flood"}], "'flood' is not one of"),
        ("faults", [{"kind": "rate", "after": 1}], "'after' was unexpected"),
        ("faults", [{"kind": "rate", "times": 0}], "less than the minimum"),
        ("faults", [{"kind": "stuck", "on": ["poll"]}], "strikes submit only"),
        ("switches", [], "an object"),
        ("switches", {"concurency": 1}, "there is no switch 'concurency'"),
        ("switches", {"concurrency": "many"}, "concurrency is a int"),
        ("switches", {"extra_frame": 1}, "extra_frame is a bool"),
        ("clock", {"sped": 1}, "a clock is set by"),
        ("clock", {"speed": -1}, "speed is a number"),
        ("clock", {"now": -5}, "now is a number"),
    ],
)
def test_knobs_are_strict(provider: Caller, name: str, setting: Any, said: str) -> None:
    before = provider.knob(name).json()
    answer = provider.knob(name, setting)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert provider.knob(name).json() == before


def test_there_are_no_other_knobs(provider: Caller) -> None:
    assert "there are ledger, faults" in provider.knob("wheel").json()["error"]
    assert provider.knob("ledger", {}).status_code == 405
    assert provider.knob("faults", [], method="POST").status_code == 405


def test_requests_are_told_without_keys_and_long_texts(provider: Caller) -> None:
    provider.submit("a lamp " * 300)
    told = provider.knob("requests").json()[-1]
    assert told["method"] == "POST"
    assert told["path"] == "/v1"
    assert told["headers"]["authorization"] == "Bearer ***"
    assert told["json"][0]["positivePrompt"] == f"{('a lamp ' * 300)[:64]}… (2100 characters)"
    assert "secret-key" not in str(provider.knob("requests").json())
