"""The adapter against the simulator: lost answers, forgotten jobs, webhooks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest
from fal_caller import I2V, PICTURE, Caller

from storyboard.exchange import (
    Done,
    Found,
    HttpRequest,
    HttpResponse,
    Intent,
    JobFailed,
    Kind,
    Media,
    Operation,
    Undecided,
)
from storyboard.provider import Prompt, Request
from storyboard.providers.fal import provider
from storyboard.providers.fal.webhook import JWKS_URL, verify


def uploaded(fal: Caller) -> str:
    media = Media(type="image/png", digest="ab", data=PICTURE.getvalue())
    step: object = provider.upload(media)
    while isinstance(step, HttpRequest):
        step = provider.uploaded(media, fal.send(step))
    assert isinstance(step, str)
    return step


def intent_of(fal: Caller, text: str = "A lamp", **delivery: str | bool) -> Intent:
    """An intent whose first frame has just been uploaded for it."""
    seconds = Fraction(5)
    request = Request(
        model="fal/kling-2.6-pro",
        prompts=(Prompt(text, seconds),),
        duration=seconds,
        delivery=delivery,
    )
    return Intent(
        key="k",
        request=request,
        nonce="n-1",
        made_at=datetime.now(UTC),
        inputs={"first_frame": "ab"},
        references={"first_frame": uploaded(fal)},
    )


def send(fal: Caller, intent: Intent) -> HttpResponse:
    frames = {
        role: Media(type="image/png", reference=url) for role, url in intent.references.items()
    }
    return fal.send(provider.submit(intent, frames))


def accepted(fal: Caller, intent: Intent) -> Operation:
    found = provider.submitted(intent, send(fal, intent))
    assert isinstance(found, Operation)
    return found


def lose(fal: Caller, intent: Intent) -> None:
    """Send it, and lose the answer."""
    fal.turn("faults", [{"kind": "drop_after"}])
    with pytest.raises(httpx.RemoteProtocolError):
        send(fal, intent)


def recovered(fal: Caller, intent: Intent) -> Found | Undecided:
    seen: list[HttpResponse] = []
    while isinstance(step := provider.recover(intent, seen), HttpRequest):
        seen.append(fal.send(step))
    return step


def ended(fal: Caller, operation: Operation) -> object:
    """How a job stands once no further question is left."""
    step: object = provider.poll(operation)
    while isinstance(step, HttpRequest):
        step = provider.polled(operation, fal.send(step))
    return step


def test_a_lost_answer_is_found_again_without_a_second_job(fal: Caller) -> None:
    before, lost = intent_of(fal), intent_of(fal)
    accepted(fal, before)
    lose(fal, lost)
    found = recovered(fal, lost)
    assert isinstance(found, Found)
    jobs = fal.ledger()["jobs"]
    assert found.operation.id == jobs[1]["id"]
    assert len(jobs) == 2
    fal.pass_time(200)
    assert isinstance(ended(fal, found.operation), Done)


def test_what_never_arrived_stays_undecided(fal: Caller) -> None:
    intent = intent_of(fal)
    fal.turn("faults", [{"kind": "drop_before"}])
    with pytest.raises(httpx.RemoteProtocolError):
        send(fal, intent)
    assert isinstance(recovered(fal, intent), Undecided)
    assert fal.ledger()["jobs"] == []


def test_a_list_that_lags_shows_it_later(fal: Caller) -> None:
    fal.turn("switches", {"listing_lag_s": 60})
    intent = intent_of(fal)
    lose(fal, intent)
    assert isinstance(recovered(fal, intent), Undecided)
    fal.pass_time(60)
    assert isinstance(recovered(fal, intent), Found)


def test_it_is_found_on_a_later_page(fal: Caller) -> None:
    intent = intent_of(fal)
    lose(fal, intent)
    fal.turn("faults", [{"kind": "fail", "times": None}])  # what fails is not drawn: that is quick
    for number in range(101):
        fal.accepted(I2V, body(intent, str(number)))
    found = recovered(fal, intent)
    assert isinstance(found, Found)
    assert found.operation.id == fal.ledger()["jobs"][0]["id"]


def body(intent: Intent, text: str) -> dict[str, object]:
    return {"prompt": text, "start_image_url": intent.references["first_frame"]}


def test_text_that_was_asked_twice_is_told_apart_by_what_is_known(fal: Caller) -> None:
    intent = replace(intent_of(fal), inputs={}, references={})
    known = accepted(fal, intent)
    lose(fal, intent)
    assert isinstance(recovered(fal, intent), Undecided)
    found = recovered(fal, replace(intent, known=frozenset({known.id})))
    assert isinstance(found, Found)
    assert found.operation.id != known.id


def test_what_fal_does_not_keep_is_not_found(fal: Caller) -> None:
    intent = intent_of(fal, store_io=False)
    lose(fal, intent)
    found = recovered(fal, intent)
    assert isinstance(found, Undecided)
    assert "store_io" in found.asked


def test_a_clip_that_the_queue_has_forgotten_is_in_the_records(fal: Caller) -> None:
    fal.turn("switches", {"result_lasts_s": 3600})
    operation = accepted(fal, intent_of(fal))
    fal.pass_time(4000)
    done = ended(fal, operation)
    assert isinstance(done, Done)
    assert httpx.get(done.results[0].url, verify=False).status_code == 200


def test_why_a_job_failed_is_told_with_the_field(fal: Caller) -> None:
    fal.turn("switches", {"validates": "run"})
    bad = Media(type="image/png", reference=fal.uploaded(b"no picture"))
    intent = intent_of(fal)
    operation = provider.submitted(intent, fal.send(provider.submit(intent, {"first_frame": bad})))
    assert isinstance(operation, Operation)
    fal.pass_time(200)
    assert ended(fal, operation) == JobFailed(
        kind=Kind.INVALID,
        words="Failed to load the image.",
        field="first_frame",
    )


def test_a_cancelled_job_has_failed_by_that(fal: Caller) -> None:
    operation = accepted(fal, intent_of(fal))
    assert fal.send(provider.cancel(operation)).status == 202
    failed = ended(fal, operation)
    assert isinstance(failed, JobFailed)
    assert failed.kind is Kind.CANCELLED


@pytest.mark.parametrize(("key", "status"), [("id:secret", 200), ("invalid", 401)])
def test_a_bad_key_fails_the_cheapest_question(fal: Caller, key: str, status: int) -> None:
    ping = provider.ping()
    path = ping.url.removeprefix("https://rest.fal.ai")
    answer = fal.call(ping.method, path, key, params=dict(ping.query), json=ping.json)
    assert answer.status_code == status
    assert fal.ledger()["jobs"] == []


# --- webhooks


class Inbox:
    """A server that webhooks are sent to; the first ones are refused with these statuses."""

    def __init__(self, *statuses: int) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        answers = list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805 - the library's name; self is the inbox
                data = handler.rfile.read(int(handler.headers["content-length"]))
                headers = {k.lower(): v for k, v in handler.headers.items()}
                handler.send_response(answers.pop(0) if answers else 200)
                handler.send_header("content-length", "0")
                handler.end_headers()
                self.got.append((handler.path, headers, data))

            def log_message(handler, format: str, *args: object) -> None:  # noqa: N805
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, count: int) -> None:
        for _ in range(1000):
            if len(self.got) >= count:
                return
            time.sleep(0.01)
        raise AssertionError(f"{len(self.got)} webhooks came, not {count}")


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox(500, 503)
    yield inbox
    inbox.close()


def test_a_webhook_is_signed_and_sent_until_it_is_taken(quick: Caller, inbox: Inbox) -> None:
    operation = accepted(quick, intent_of(quick, webhook=inbox.url))
    inbox.wait(3)
    path, headers, data = inbox.got[-1]
    assert path == "/hook?job=n-1"
    told = json.loads(data)
    assert (told["request_id"], told["status"]) == (operation.id, "OK")
    assert told["payload"]["video"]["url"]
    jwks = quick.call("GET", JWKS_URL.removeprefix("https://rest.fal.ai"), None).json()
    assert verify(headers, data, jwks, time.time())
    assert not verify(headers, data + b" ", jwks, time.time())


def test_a_webhook_tells_of_a_failure_and_may_come_twice(quick: Caller, inbox: Inbox) -> None:
    quick.turn("switches", {"webhook_twice": True})
    quick.turn("faults", [{"kind": "refuse_late"}])
    accepted(quick, intent_of(quick, webhook=inbox.url))
    inbox.wait(4)
    told = json.loads(inbox.got[2][2])
    assert (told["status"], told["error"]) == ("ERROR", "Invalid status code: 422")
    assert told["payload"]["detail"][0]["type"] == "content_policy_violation"
    assert inbox.got[2][2] == inbox.got[3][2]
