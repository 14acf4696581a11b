"""The simulated ModelStream behaves, and bills, as the contract says."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from modelstream_caller import JOBS, Caller, one_frame_more
from plain_caller import picture

from storyboard.exchange import (
    Done,
    Intent,
    JobFailed,
    Kind,
    Media,
    Operation,
    Rejected,
    Running,
    Unclear,
)
from storyboard.provider import Prompt, Request
from storyboard.providers.modelstream import provider

PNG, END = picture(), picture(color="maroon")
BARE = b64encode(PNG).decode()
SHAPES: list[dict[str, bool]] = [{}, {"wrapped": True}, {"mixed": True}]
FRAMES = {"first_frame": Media(type="image/png", data=PNG)}
ENDS = {**FRAMES, "last_frame": Media(type="image/png", data=END)}


def body(**fields: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "model": "kling-v2-6",
        "image": BARE,
        "multi_prompt": [{"index": 1, "prompt": "a lamp", "duration": "5"}],
        "multi_shot": False,
        "duration": 5,
        "mode": "std",
        "sound": "off",
    }
    return {name: value for name, value in {**usual, **fields}.items() if value is not None}


def storyboard(**fields: Any) -> dict[str, Any]:
    shots = [
        {"index": 1, "prompt": "rain", "duration": "4"},
        {"index": 2, "prompt": "sun", "duration": "6"},
    ]
    usual = {"image": None, "multi_shot": True, "shot_type": "customize", "duration": 10}
    return body(**{**usual, "multi_prompt": shots, **fields})


def intent(*prompts: tuple[str, int], **fields: Any) -> Intent:
    asked = tuple(Prompt(text, Fraction(seconds)) for text, seconds in prompts or [("a lamp", 5)])
    request = Request(
        model="modelstream/kling-2.6",
        prompts=asked,
        duration=sum((prompt.duration for prompt in asked), Fraction(0)),
        **fields,
    )
    return Intent(key="k", request=request, nonce="mark", made_at=datetime.now(UTC))


def accepted(api: Caller, asked: Intent, frames: dict[str, Media]) -> Operation:
    operation = provider.submitted(asked, api.send(provider.submit(asked, frames)))
    assert isinstance(operation, Operation), operation
    return operation


def refused(api: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    answer = api.submit(asked)
    assert answer.status_code == 400, answer.text
    assert api.ledger() == {"jobs": [], "charged_usd": 0.0}
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


# --- jobs, in every shape


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("fields", "frames", "usd", "sound"),
    [
        ({}, FRAMES, 0.35, False),
        ({}, {}, 0.35, False),
        ({"options": {"mode": "std"}}, FRAMES, 0.21, False),
        ({"audio": True}, FRAMES, 0.70, True),
        ({}, ENDS, 0.35, False),
    ],
)
def test_the_adapter_gets_its_clip(
    api: Caller,
    tmp_path: Path,
    shape: dict[str, bool],
    fields: dict[str, Any],
    frames: dict[str, Media],
    usd: float,
    sound: bool,
) -> None:
    api.turn("switches", shape)
    operation = accepted(api, intent(**fields), frames)
    assert operation.id.startswith("task_")
    done = api.ended(operation)
    assert isinstance(done, Done)
    info = api.clip(done.results[0].url, tmp_path / "clip.mp4")
    assert info.duration == one_frame_more(5)
    assert info.has_sound is sound
    ledger = api.ledger()
    assert ledger["charged_usd"] == pytest.approx(usd)
    assert ledger["jobs"][0]["frames_sha256"] == [
        sha256(media.data).hexdigest() for media in frames.values()
    ]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({}, ["queued", "in_progress", "completed"]),
        ({"wrapped": True}, ["QUEUED", "IN_PROGRESS", "SUCCESS"]),
        ({"mixed": True}, ["submitted", "processing", "succeeded"]),
    ],
)
def test_a_job_goes_from_word_to_word(
    api: Caller, shape: dict[str, bool], words: list[str]
) -> None:
    api.turn("clock", {"speed": 0})
    api.turn("switches", shape)
    operation = accepted(api, intent(), FRAMES)
    seen = []
    for seconds in (0, 60, 100):
        api.turn("clock", {"advance_s": seconds})
        answer = api.poll(operation.id)
        seen.append(answer.get("data", answer)["status"])
        if seconds == 60:
            response = api.send(provider.poll(operation))
            assert isinstance(provider.polled(operation, response), Running)
    assert seen == words


def test_a_wrapped_job_tells_how_much_is_done(api: Caller) -> None:
    api.turn("clock", {"speed": 0})
    api.turn("switches", {"wrapped": True, "queue_s": 0, "run_s": 100})
    operation = accepted(api, intent(), FRAMES)
    api.turn("clock", {"advance_s": 40})
    running = provider.polled(operation, api.send(provider.poll(operation)))
    assert running == Running(progress=0.4)


def test_another_address_answers_too(api: Caller) -> None:
    asked = intent(delivery={"poll_path": "/v1/videos/{task_id}"})
    operation = accepted(api, asked, FRAMES)
    assert "/v1/videos/task_" in provider.poll(operation).url
    assert isinstance(api.ended(operation), Done)


def test_sending_twice_is_paying_twice(api: Caller) -> None:
    first, second = (accepted(api, intent(), FRAMES) for _ in range(2))
    api.ended(second)
    ledger = api.ledger()
    assert [job["duplicate_of"] for job in ledger["jobs"]] == [None, first.id]
    assert ledger["charged_usd"] == pytest.approx(0.70)


# --- several prompts


def test_several_prompts_make_one_clip_as_long_as_all(api: Caller, tmp_path: Path) -> None:
    done = api.ended(accepted(api, intent(("rain", 4), ("sun", 6)), FRAMES))
    assert isinstance(done, Done)
    info = api.clip(done.results[0].url, tmp_path / "clip.mp4")
    assert info.duration == one_frame_more(10)
    assert api.ledger()["charged_usd"] == pytest.approx(0.70)


def test_prompts_may_be_ignored_but_the_first_and_all_are_paid(api: Caller, tmp_path: Path) -> None:
    api.turn("switches", {"ignore_multi_shot": True})
    done = api.ended(accepted(api, intent(("rain", 4), ("sun", 6)), FRAMES))
    assert isinstance(done, Done)
    info = api.clip(done.results[0].url, tmp_path / "clip.mp4")
    assert info.duration == one_frame_more(4)
    assert api.ledger()["charged_usd"] == pytest.approx(0.70)


@pytest.mark.parametrize("shot_type", ["customize", "Customize", "intelligence", "Intelligence"])
def test_shot_types_in_either_spelling(api: Caller, shot_type: str) -> None:
    assert api.submit(storyboard(shot_type=shot_type)).status_code == 200


def test_times_may_be_numbers(api: Caller) -> None:
    shots = [{"prompt": "rain", "duration": 4.5}, {"prompt": "sun", "duration": 5.5}]
    assert api.submit(storyboard(multi_prompt=shots)).status_code == 200


@pytest.mark.parametrize(
    ("asked", "words", "parameter"),
    [
        (storyboard(duration=9), "add up to 10, not to 9", "multi_prompt"),
        (storyboard(shot_type=None), "multi_shot needs shot_type", "shot_type"),
        (storyboard(shot_type="wild"), "is not one of", "shot_type"),
        (storyboard(multi_prompt=[]), "", "multi_prompt"),
        (body(multi_prompt=None), "'multi_prompt' is a required property", None),
        (
            storyboard(multi_prompt=[{"prompt": "a" * 2501, "duration": "10"}]),
            "is too long",
            "multi_prompt[0].prompt",
        ),
        (
            storyboard(multi_prompt=[{"prompt": "rain", "duration": "ten"}]),
            "does not match",
            "multi_prompt[0].duration",
        ),
        (body(duration=7), "5 or 10", "duration"),
        (body(duration="5"), "is not of type 'number'", "duration"),
        (body(sound=True), "is not one of", "sound"),
        (body(sound="on", mode="std"), "sound needs mode pro", "sound"),
        (body(sound="on", mode="pro", image_tail=BARE), "no sound", "sound"),
        (body(image=None, image_tail=BARE), "image_tail needs image", "image_tail"),
        (body(image="lamp.png"), "neither a URL nor Base64", "image"),
        (body(image=b64encode(b"no picture").decode()), "is no picture", "image"),
        (body(image=b64encode(picture("WEBP")).decode()), "must be JPG or PNG", "image"),
        (body(image=b64encode(picture(size=(299, 400))).decode()), "smaller than 300", "image"),
        (body(image_tail=f"data:image/png;base64,{BARE}"), "without a data: prefix", "image_tail"),
        (body(cfg_scale=2), "greater than the maximum", "cfg_scale"),
        (body(aspect_ratio="9:16"), "aspect_ratio", None),
        (body(negative_prompt="a" * 2501), "is too long", "negative_prompt"),
    ],
)
def test_a_bad_body_is_a_400_that_names_the_parameter(
    quiet: Caller, asked: dict[str, Any], words: str, parameter: str | None
) -> None:
    error = refused(quiet, asked)
    assert words in error["message"]
    assert error["param"] == parameter


def test_a_large_picture_is_refused(quiet: Caller) -> None:
    large = picture() + bytes(10 * 1024 * 1024)
    assert "larger than 10 MB" in refused(quiet, body(image=b64encode(large).decode()))["message"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_of_300_pixels_are_taken(api: Caller, kind: str) -> None:
    encoded = b64encode(picture(kind, (300, 300))).decode()
    assert api.submit(body(image=encoded)).status_code == 200


# --- refusals, in both shapes


@pytest.mark.parametrize("gateway", [False, True])
@pytest.mark.parametrize(
    ("fault", "switches", "status", "kind"),
    [
        ({"kind": "refuse"}, {}, 400, Kind.REFUSED),
        ({"kind": "no_credit"}, {}, 402, Kind.NO_CREDIT),
        ({"kind": "no_credit"}, {"quota_is_403": True}, 403, Kind.NO_CREDIT),
        (None, {"frozen": True}, 403, Kind.KEY),
        (None, {"balance_usd": 0.1}, 402, Kind.NO_CREDIT),
        (None, {"prompt_required": True}, 400, Kind.INVALID),
        ({"kind": "rate", "retry_after": 3}, {}, 429, Kind.RATE),
    ],
)
def test_the_adapter_understands_a_no(
    api: Caller,
    gateway: bool,
    fault: dict[str, Any] | None,
    switches: dict[str, Any],
    status: int,
    kind: Kind,
) -> None:
    api.turn("switches", {**switches, "gateway_errors": gateway})
    api.turn("faults", [fault] if fault else [])
    asked = intent(delivery={"mirror_prompt": False})
    response = api.send(provider.submit(asked, FRAMES))
    rejected = provider.submitted(asked, response)
    assert response.status == status
    assert isinstance(rejected, Rejected)
    assert rejected.kind is kind
    assert (rejected.retry_after == 3) is (kind is Kind.RATE)
    assert api.ledger()["jobs"] == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "server_error", "status": 503},
        {"kind": "server_error", "accepted": True},
        {"kind": "html"},
    ],
)
def test_trouble_with_a_channel_says_nothing_certain(api: Caller, fault: dict[str, Any]) -> None:
    api.turn("faults", [fault])
    asked = intent()
    unclear = provider.submitted(asked, api.send(provider.submit(asked, FRAMES)))
    assert isinstance(unclear, Unclear)
    assert len(api.ledger()["jobs"]) == bool(fault.get("accepted"))


@pytest.mark.parametrize("gateway", [False, True])
def test_a_bad_key_is_refused_first(api: Caller, gateway: bool) -> None:
    api.turn("switches", {"gateway_errors": gateway})
    answer = api.submit({}, key="invalid")
    assert answer.status_code == 401
    assert ("error" in answer.json()) is not gateway
    assert api.call("GET", f"{JOBS}/task_1", key="invalid").status_code == 401


def test_a_key_is_tried_with_a_job_that_does_not_exist(quiet: Caller) -> None:
    answer = quiet.send(provider.ping())
    assert answer.status == 400
    assert answer.json() == {"code": "task_not_exist", "message": "task_not_exist", "data": None}


def test_there_is_no_list_of_jobs(api: Caller) -> None:
    accepted(api, intent(), FRAMES)
    assert api.call("GET", JOBS).status_code in {404, 405}


# --- failures


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("fault", "kind"), [("refuse_late", Kind.REFUSED), ("fail", Kind.FAULT)])
def test_what_a_failed_job_cost_is_given_back(
    api: Caller, shape: dict[str, bool], fault: str, kind: Kind
) -> None:
    api.turn("switches", shape)
    api.turn("faults", [{"kind": fault}])
    failed = api.ended(accepted(api, intent(), FRAMES))
    assert isinstance(failed, JobFailed)
    assert failed.kind is kind
    assert api.ledger()["charged_usd"] == 0


def test_a_lost_answer_is_a_job_all_the_same(api: Caller) -> None:
    api.turn("faults", [{"kind": "drop_after"}])
    with pytest.raises(httpx.TransportError):
        api.send(provider.submit(intent(), FRAMES))
    assert len(api.ledger()["jobs"]) == 1


def test_a_data_uri_is_taken_by_switch(api: Caller) -> None:
    api.turn("switches", {"data_uri": True})
    assert api.submit(body(image=f"data:image/png;base64,{BARE}")).status_code == 200
    assert api.ledger()["jobs"][0]["frames_sha256"] == [sha256(PNG).hexdigest()]
