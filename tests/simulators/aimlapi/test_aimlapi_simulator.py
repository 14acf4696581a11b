"""The simulated AI/ML API behaves, and bills, as the contract says."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from aimlapi_caller import I2V, JOBS, MOTION, T2V, Caller
from plain_caller import picture

from storyboard.exchange import (
    Done,
    Found,
    HttpRequest,
    Intent,
    JobFailed,
    Kind,
    Media,
    Operation,
    Rejected,
    Undecided,
)
from storyboard.media.probe import probe
from storyboard.provider import Prompt, Request
from storyboard.providers.aimlapi import provider

PNG = picture()
NONCE = "6f2b1c0e-5f6b-4c0a-9f43-0a3f6c1d2e11"


def data_uri(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


def body(model: str = I2V, **fields: Any) -> dict[str, Any]:
    usual: dict[str, dict[str, Any]] = {
        I2V: {
            "prompt": "a lamp",
            "image_url": data_uri(PNG),
            "duration": 5,
            "generate_audio": False,
        },
        T2V: {"prompt": "the sea", "duration": 5, "generate_audio": False},
        MOTION: {
            "image_url": data_uri(PNG),
            "video_url": "https://a.example/x.mp4",
            "keep_audio": False,
        },
    }
    return {"model": model, **usual[model], **fields}


def accepted(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "queued"
    id_: str = answer.json()["id"]
    return id_


def intent(**fields: Any) -> Intent:
    seconds = Fraction(5)
    request = Request(
        model="aimlapi/kling-2.6-pro",
        prompts=(Prompt("a lamp", seconds),),
        duration=seconds,
        **fields,
    )
    return Intent(
        key="k",
        request=request,
        nonce=NONCE,
        made_at=datetime.now(UTC),
        inputs={"first_frame": "d"},
    )


FRAMES = {"first_frame": Media(type="image/png", data=PNG)}


# --- jobs


def test_a_job_is_queued_generates_and_is_completed(api: Caller) -> None:
    api.turn("clock", {"speed": 0})
    id_ = accepted(api.submit(body()))
    assert re.fullmatch(rf"[0-9a-f-]{{36}}:{I2V}", id_)
    assert api.poll(id_) == {
        "id": id_, "status": "queued", "video": None, "error": None, "meta": None,
    }  # fmt: skip
    api.turn("clock", {"advance_s": 30})
    assert api.poll(id_)["status"] == "generating"
    api.turn("clock", {"advance_s": 100})
    done = api.poll(id_)
    assert done["status"] == "completed"
    assert done["meta"] == {"usage": {"credits_used": 910000, "usd_spent": 0.455}}
    assert done["video"]["url"].endswith("_output.mp4")


@pytest.mark.parametrize(
    "path", [JOBS, "/v2/generate/video/kling/generation", "/v1/video/generations"]
)
def test_old_addresses_answer_too(api: Caller, path: str) -> None:
    answer = api.call("POST", path, json=body())
    assert api.poll(accepted(answer), path)["status"] in {"queued", "generating", "completed"}


def test_the_clip_is_a_video_that_begins_with_the_picture(api: Caller, tmp_path: Path) -> None:
    id_ = accepted(api.submit(body(image_url=data_uri(picture(size=(320, 640))))))
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(
        httpx.get(api.ended(id_)["video"]["url"], trust_env=False, verify=False).content
    )
    info = probe(clip)
    assert info.duration == Fraction(121, 24)
    assert info.shown.aspect < Fraction(3, 5)
    assert not info.has_sound


@pytest.mark.parametrize(
    ("fields", "usd", "sound"),
    [
        ({"duration": 5, "generate_audio": False}, 0.455, False),
        ({"duration": 10, "generate_audio": False}, 0.91, False),
        ({"duration": 5}, 0.91, True),
        ({"duration": 5, "generate_audio": True}, 0.91, True),
    ],
)
def test_sound_is_on_unless_it_is_turned_off_and_doubles_the_price(
    api: Caller, tmp_path: Path, fields: dict[str, Any], usd: float, sound: bool
) -> None:
    asked = {"model": T2V, "prompt": "the sea", **fields}
    done = api.ended(accepted(api.submit(asked)))
    assert done["meta"]["usage"]["usd_spent"] == pytest.approx(usd)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(httpx.get(done["video"]["url"], trust_env=False, verify=False).content)
    assert probe(clip).has_sound is sound


def test_the_ledger_knows_the_picture_and_the_duplicate(api: Caller) -> None:
    first, second = (accepted(api.submit(body())) for _ in range(2))
    assert first != second
    api.ended(second)
    ledger = api.ledger()
    assert [job["duplicate_of"] for job in ledger["jobs"]] == [None, first]
    assert ledger["jobs"][0]["frames_sha256"] == [sha256(PNG).hexdigest()]
    assert ledger["charged_usd"] == pytest.approx(0.91)


def test_motion_control_follows_the_video(api: Caller) -> None:
    for asked in (body(MOTION), {**body(MOTION), "model": "klingai/video-v2-6-pro-motion-control"}):
        done = api.ended(accepted(api.submit(asked)))
        assert done["meta"]["usage"]["usd_spent"] == pytest.approx(5 * 0.146)


# --- mistakes


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (body(duration="5"), "duration: expected integer, received string"),
        (body(duration=7), "duration: invalid enum value, expected 5 | 10"),
        (body(generate_audio="on"), "generate_audio: expected boolean, received string"),
        (body(prompt="a" * 2501), "is too long"),
        (body(provider="luma"), "provider: invalid enum value, expected auto | kling | fal"),
        (body(cfg_scale=0.5), "cfg_scale"),
        (body(tail_image_url=data_uri(PNG)), "tail_image_url"),
        (body(image_url="lamp.png"), "image_url: Invalid url"),
        (body(image_url=b64encode(PNG).decode()), "image_url: Invalid url"),
        (body(image_url=None), "image_url: expected string, received null"),
        ({"model": I2V, "prompt": "a lamp"}, "image_url"),
        (body(T2V, aspect_ratio="4:3"), "aspect_ratio: invalid enum value"),
        (body(T2V, cfg_scale=1.5), "cfg_scale: 1.5 is greater than the maximum of 1"),
        (body(T2V, image_url=data_uri(PNG)), "image_url"),
        (body(MOTION, mode="4k"), "mode: invalid enum value, expected std | pro"),
    ],
)
def test_a_bad_body_is_a_400_that_names_the_parameter(
    quiet: Caller, asked: dict[str, Any], words: str
) -> None:
    answer = quiet.submit(asked)
    assert answer.status_code == 400
    told = answer.json()
    assert set(told) == {"message", "path", "requestId", "statusCode", "timestamp"}
    assert told["statusCode"] == 400
    assert told["path"] == JOBS
    assert words in told["message"]
    assert quiet.ledger() == {"jobs": [], "charged_usd": 0.0}


@pytest.mark.parametrize("model", ["klingai/video-v9", None, 7])
def test_an_unknown_model_is_a_404(quiet: Caller, model: object) -> None:
    assert quiet.submit({**body(), "model": model}).status_code == 404


def test_what_is_no_object_is_a_400(quiet: Caller) -> None:
    assert quiet.submit([body()]).status_code == 400
    assert quiet.call("POST", JOBS, content=b"{").status_code == 400


def test_an_unknown_or_missing_id_is_said(quiet: Caller) -> None:
    assert quiet.call("GET", JOBS, params={"generation_id": "x"}).status_code == 404
    assert quiet.call("GET", JOBS).status_code == 400


@pytest.mark.parametrize("path", [JOBS, "/v2/logs", "/v2/billing", "/v2/billing/transactions"])
def test_the_key_is_looked_at_first(quiet: Caller, path: str) -> None:
    assert quiet.call("GET", path, key="invalid").status_code == 401
    assert quiet.submit({}, key="invalid").status_code == 401


# --- what is not certain, by switch


def test_bare_base64_is_taken_by_switch(api: Caller) -> None:
    api.turn("switches", {"bare_base64": True})
    accepted(api.submit(body(image_url=b64encode(PNG).decode())))
    assert api.ledger()["jobs"][0]["frames_sha256"] == [sha256(PNG).hexdigest()]


def test_unknown_parameters_are_ignored_by_switch(api: Caller) -> None:
    api.turn("switches", {"strict": False})
    accepted(api.submit(body(tail_image_url=data_uri(PNG))))


def test_a_submit_is_created_by_switch(api: Caller) -> None:
    api.turn("switches", {"created": True})
    answer = api.submit(body())
    assert answer.status_code == 201
    response = api.send(provider.submit(intent(), FRAMES))
    assert isinstance(provider.submitted(intent(), response), Operation)


# --- marks, the log, the money


@pytest.mark.parametrize("mark", [NONCE, "a" * 128, "a.b:c_d-e"])
def test_a_mark_is_given_back(api: Caller, mark: str) -> None:
    answer = api.submit(body(), headers={"X-Client-Request-Id": mark})
    assert answer.headers["x-client-request-id"] == mark
    assert answer.headers["x-inference-id"] == answer.json()["id"]


@pytest.mark.parametrize("mark", ["a" * 129, "a b", "a/b"])
def test_a_bad_mark_is_dropped_without_a_word(api: Caller, mark: str) -> None:
    answer = api.submit(body(), headers={"X-Client-Request-Id": mark})
    assert answer.status_code == 200
    assert "x-client-request-id" not in answer.headers


def test_a_mark_does_not_keep_a_job_from_being_paid_twice(api: Caller) -> None:
    for _ in range(2):
        accepted(api.submit(body(), headers={"X-Client-Request-Id": NONCE}))
    assert len(api.ledger()["jobs"]) == 2


def test_the_log_lags(api: Caller) -> None:
    api.turn("clock", {"speed": 0})
    api.submit(body(), headers={"X-Client-Request-Id": NONCE})
    assert api.call("GET", "/v2/logs").json()["data"] == []
    api.turn("clock", {"advance_s": 31})
    (row,) = api.call("GET", "/v2/logs").json()["data"]
    assert row["client_request_id"] == NONCE
    api.turn("switches", {"log_at_end": True})
    assert api.call("GET", "/v2/logs").json()["data"] == []
    api.turn("clock", {"advance_s": 120})
    assert len(api.call("GET", "/v2/logs").json()["data"]) == 1


def test_the_log_is_filtered_and_comes_in_pages(api: Caller) -> None:
    api.turn("switches", {"log_lag_s": 0})
    for number in range(3):
        api.submit(body(), headers={"X-Client-Request-Id": f"mark-{number}"})
    api.submit(body(T2V))
    query = {"model": I2V, "limit": 2}
    pages = [
        api.call("GET", "/v2/logs", params={**query, "offset": offset}).json()["data"]
        for offset in (0, 2)
    ]
    marks = [[row["client_request_id"] for row in page] for page in pages]
    assert marks == [["mark-2", "mark-1"], ["mark-0"]]
    past = {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}
    assert api.call("GET", "/v2/logs", params=past).json()["data"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"start": "2020-01-01T00:00:00Z"},
        {"start": "yesterday"},
        {"period": "forever"},
        {"limit": "1000"},
        {"limit": "many"},
    ],
)
def test_the_log_says_what_is_wrong_with_a_question(quiet: Caller, query: dict[str, str]) -> None:
    assert quiet.call("GET", "/v2/logs", params=query).status_code == 400


def test_the_balance_goes_down_and_charges_are_booked_at_the_end(api: Caller) -> None:
    api.turn("switches", {"balance_usd": 1.0})
    id_ = accepted(api.submit(body()))
    api.ended(id_)
    balance = api.call("GET", "/v2/billing").json()
    assert balance == {"current_balance": pytest.approx(0.545), "currency": "USD"}
    (charge,) = api.call("GET", "/v2/billing/transactions").json()["data"]
    assert charge["reference_id"] == id_
    accepted(api.submit(body()))
    broke = api.submit(body())
    assert broke.status_code == 403
    assert "credits" in broke.json()["message"]


# --- the adapter and the simulator


def test_the_adapter_gets_its_clip_and_its_price(api: Caller) -> None:
    asked = intent()
    operation = provider.submitted(asked, api.send(provider.submit(asked, FRAMES)))
    assert isinstance(operation, Operation)
    api.ended(operation.id)
    done = provider.polled(operation, api.send(provider.poll(operation)))
    assert isinstance(done, Done)
    assert done.charged_usd == Fraction("0.455")
    assert provider.ping().url.endswith("/billing")
    assert api.send(provider.ping()).status == 200


@pytest.mark.parametrize(
    ("fault", "kind", "again"),
    [
        ({"kind": "refuse"}, Kind.REFUSED, None),
        ({"kind": "no_credit"}, Kind.NO_CREDIT, None),
        ({"kind": "rate", "retry_after": 3}, Kind.RATE, 3.0),
        ({"kind": "rate"}, Kind.RATE, 5.0),
    ],
)
def test_the_adapter_understands_a_no(
    api: Caller, fault: dict[str, Any], kind: Kind, again: float | None
) -> None:
    api.turn("faults", [fault])
    rejected = provider.submitted(intent(), api.send(provider.submit(intent(), FRAMES)))
    assert isinstance(rejected, Rejected)
    assert (rejected.kind, rejected.retry_after) == (kind, again)
    assert api.ledger()["jobs"] == []


@pytest.mark.parametrize(("fault", "kind"), [("refuse_late", Kind.REFUSED), ("fail", Kind.FAULT)])
def test_a_failed_job_is_not_charged(api: Caller, fault: str, kind: Kind) -> None:
    api.turn("faults", [{"kind": fault}])
    operation = provider.submitted(intent(), api.send(provider.submit(intent(), FRAMES)))
    assert isinstance(operation, Operation)
    api.ended(operation.id)
    failed = provider.polled(operation, api.send(provider.poll(operation)))
    assert isinstance(failed, JobFailed)
    assert failed.kind is kind
    assert api.ledger()["charged_usd"] == 0


def test_a_job_whose_answer_was_lost_is_found_by_its_mark(api: Caller) -> None:
    api.turn("switches", {"log_lag_s": 0})
    api.turn("faults", [{"kind": "drop_after"}])
    asked = intent()
    with pytest.raises(httpx.TransportError):
        api.send(provider.submit(asked, FRAMES))
    question = provider.recover(asked, [])
    assert isinstance(question, HttpRequest)
    found = provider.recover(asked, [api.send(question)])
    assert isinstance(found, Found)
    (job,) = api.ledger()["jobs"]
    assert found.operation.id == job["id"]


def test_while_the_log_lags_nobody_can_tell(api: Caller) -> None:
    api.turn("clock", {"speed": 0})
    api.turn("faults", [{"kind": "drop_after"}])
    asked = intent()
    with pytest.raises(httpx.TransportError):
        api.send(provider.submit(asked, FRAMES))
    seen = []
    while isinstance(step := provider.recover(asked, seen), HttpRequest):
        seen.append(api.send(step))
    assert isinstance(step, Undecided)
    assert "proves nothing" in step.asked


def test_a_charge_without_a_record_is_told(api: Caller) -> None:
    api.turn("switches", {"log_lag_s": 10_000_000})
    id_ = accepted(api.submit(body(), headers={"X-Client-Request-Id": NONCE}))
    api.ended(id_)
    asked, seen = intent(), []
    while isinstance(step := provider.recover(asked, seen), HttpRequest):
        seen.append(api.send(step))
    assert isinstance(step, Undecided)
    assert id_ in step.asked


def test_dates_are_real_ones(api: Caller) -> None:
    api.turn("switches", {"log_lag_s": 0})
    api.submit(body())
    (row,) = api.call("GET", "/v2/logs").json()["data"]
    assert abs(datetime.fromisoformat(row["created"]) - datetime.now(UTC)) < timedelta(minutes=5)
