"""The simulated Runware behaves, and bills, as Runware's documents say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from runware_caller import STANDARD, Caller, from_picture, png, task, uri

from storyboard.media.verify import Expected, verify

SOUND = {"klingai": {"sound": True}}
VIDEO = {"referenceVideos": ["https://example.com/wave.mp4"]}


def test_tasks_of_one_call_succeed_and_fail_side_by_side(runware: Caller) -> None:
    good, bad, unknown = task(), task(duration=7), {"taskType": "dance", "taskUUID": "x"}
    answer = runware.call(good, bad, unknown, {"taskType": "getResponse", "taskUUID": "never"})
    assert answer.status_code == 200
    assert answer.json()["data"] == [{"taskType": "videoInference", "taskUUID": good["taskUUID"]}]
    assert [(e["code"], e["taskUUID"]) for e in answer.json()["errors"]] == [
        ("unsupportedDuration", bad["taskUUID"]),
        ("invalidTaskType", "x"),
    ]


@pytest.mark.parametrize(
    ("more", "code", "parameter"),
    [
        ({"seed": 1}, "unknownParameter", "seed"),
        ({"positivePrompt": None}, "missingPositivePrompt", "positivePrompt"),
        ({"positivePrompt": "x"}, "invalidPositivePromptLength", "positivePrompt"),
        ({"positivePrompt": "x" * 2501}, "invalidPositivePromptLength", "positivePrompt"),
        ({"negativePrompt": 5}, "invalidNegativePrompt", "negativePrompt"),
        ({"model": "klingai:kling-video@9"}, "invalidModel", "model"),
        ({"taskUUID": "7"}, "invalidTaskUUID", "taskUUID"),
        ({"duration": "5"}, "unsupportedDuration", "duration"),
        ({"CFGScale": 1.2}, "valueTooLarge", "CFGScale"),
        ({"CFGScale": 0.555}, "invalidCFGScale", "CFGScale"),
        ({"width": 1280, "height": 720}, "unsupportedDimensions", ["width", "height"]),
        ({"width": None, "height": None}, "missingWidth", ["width", "height"]),
        ({"outputType": "base64Data"}, "invalidOutputType", "outputType"),
        ({"outputQuality": 10}, "invalidOutputQuality", "outputQuality"),
        ({"deliveryMethod": "sync"}, "invalidDeliveryMethod", "deliveryMethod"),
        ({"numberResults": 5}, "valueTooLarge", "numberResults"),
        ({"ttl": 59}, "invalidTtl", "ttl"),
        ({"safety": {"mode": "some"}}, "invalidMode", "safety.mode"),
        ({"webhookURL": "here"}, "invalidWebhookURL", "webhookURL"),
        ({"uploadEndpoint": "https://[x"}, "invalidUploadEndpoint", "uploadEndpoint"),
        (
            {"providerSettings": {"klingai": {"keepOriginalSound": True}}},
            "unsupportedParameter",
            "providerSettings.klingai.keepOriginalSound",
        ),
        (
            {"providerSettings": {"klingai": {"multiPrompt": []}}},
            "unknownParameter",
            "providerSettings.klingai.multiPrompt",
        ),
        (
            {"inputs": {"frameImages": ["https://example.com/a.png"]}},
            "incompatibleParameters",
            ["width", "height", "inputs"],
        ),
    ],
)
def test_a_task_is_checked_strictly(
    runware: Caller, more: dict[str, Any], code: str, parameter: object
) -> None:
    jobs = len(runware.knob("ledger")["jobs"])
    assert runware.refused(task(**more)) == (code, parameter)
    assert len(runware.knob("ledger")["jobs"]) == jobs


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (from_picture("not a picture"), "invalidFrameImages"),
        (from_picture(uri(b"text")), "invalidFrameImages"),
        (from_picture({"image": uri(png()), "frame": "middle"}), "invalidFrameImages"),
        (from_picture({"image": uri(png()), "frame": "last"}), "invalidFrameImages"),
        (from_picture(*[{"image": uri(png()), "frame": 0}] * 2), "invalidFrameImages"),
        (from_picture(*[uri(png())] * 3), "valueTooLarge"),
        (from_picture(*[uri(png())] * 2, providerSettings=SOUND), "incompatibleParameters"),
        (task(width=None, height=None, inputs=VIDEO), "missingInputs"),
    ],
)
def test_pictures_are_checked(runware: Caller, asked: dict[str, Any], code: str) -> None:
    answer = runware.call(asked)
    assert answer.status_code == 400
    assert code in {error["code"] for error in answer.json()["errors"]}


def test_a_key_is_needed(runware: Caller) -> None:
    for key, code in [(None, "missingApiKey"), ("invalid", "invalidApiKey")]:
        answer = runware.call(task(), key=key)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["code"] == code
    signed = {"taskType": "authentication", "apiKey": "k"}
    answer = runware.call(signed, task(), key=None)
    assert answer.status_code == 200
    assert "connectionSessionUUID" in answer.json()["data"][0]
    assert runware.call({**signed, "apiKey": "invalid"}, task(), key=None).status_code == 401
    assert runware.call().json() == {"data": []}


def test_a_job_goes_from_processing_to_success(runware: Caller, tmp_path: Path) -> None:
    asked = task(safety={"checkContent": True, "mode": "fast"})
    id_ = runware.accepted(asked)
    assert runware.poll(id_)["data"] == [
        {"taskType": "videoInference", "taskUUID": id_, "status": "processing", "progress": 0}
    ]
    runware.finish(60)
    assert runware.poll(id_)["data"][0]["progress"] == 50
    runware.finish(60)
    (result,) = runware.poll(id_)["data"]
    assert result["status"] == "success"
    assert result["cost"] == 0.35
    assert result["NSFWContent"] is False
    assert isinstance(result["seed"], int)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(runware.get(result["videoURL"]).content)
    assert not verify(clip, Expected(Fraction(5), Fraction(16, 9))).has_sound
    assert runware.poll(id_)["data"] == [result]


def test_what_is_not_known_is_nothing(runware: Caller) -> None:
    assert runware.poll(str(uuid4())) == {"data": []}
    details = {"taskType": "getTaskDetails", "taskUUID": str(uuid4())}
    answer = runware.call(details)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "taskNotFound"


def test_the_archive_has_request_and_response(runware: Caller) -> None:
    asked = task()
    (result,) = runware.done(asked)
    runware.knob("switches", {"record_lasts_s": 60.0})
    runware.finish()
    assert runware.poll(asked["taskUUID"]) == {"data": []}
    details = {"taskType": "getTaskDetails", "taskUUID": asked["taskUUID"]}
    (record,) = runware.call(details).json()["data"]
    assert record["request"] == [asked]
    assert record["response"] == {"data": [result]}


def test_an_id_that_is_in_use_is_refused_and_nothing_billed(runware: Caller) -> None:
    asked = task(positivePrompt="asked for here alone")
    runware.accepted(asked)
    jobs = len(runware.knob("ledger")["jobs"])
    assert runware.refused(asked) == ("conflictTaskUUID", "taskUUID")
    runware.finish()
    runware.knob("switches", {"duplicate_when_done": "conflict"})
    assert runware.refused(asked) == ("conflictTaskUUID", "taskUUID")
    assert len(runware.knob("ledger")["jobs"]) == jobs
    runware.knob("switches", {"duplicate_when_done": "accept"})
    runware.accepted(asked)
    assert runware.billed(asked["taskUUID"])["duplicate_of"] == asked["taskUUID"]
    assert len(runware.knob("ledger")["jobs"]) == jobs + 1


def test_several_results_come_one_after_the_other(runware: Caller) -> None:
    id_ = runware.accepted(task(numberResults=4))
    seen = []
    for _ in range(5):
        runware.finish(25)
        seen.append([item["status"] for item in runware.poll(id_)["data"]].count("success"))
    assert seen == [0, 1, 2, 3, 4]
    results = runware.poll(id_)["data"]
    assert len({item["videoUUID"] for item in results}) == 4
    assert len({item["seed"] for item in results}) == 4
    assert len({runware.get(item["videoURL"]).content for item in results}) == 4
    assert runware.billed(id_)["charged_usd"] == 1.4


def test_standard_makes_twenty_and_other_sizes(runware: Caller) -> None:
    asked = task(model=STANDARD, width=1280, height=720, numberResults=20)
    assert runware.call(asked).status_code == 200
    assert runware.refused({**task(), "model": STANDARD})[0] == "unsupportedDimensions"
    runware.knob("switches", {"standard": "motion"})
    code, _ = runware.refused(task(model=STANDARD, width=1280, height=720))
    assert code == "unsupportedParameter"


def test_the_cost_is_told_where_it_is_asked_for(runware: Caller) -> None:
    (silent,) = runware.done(task(duration=10, includeCost=False))
    assert "cost" not in silent
    (loud,) = runware.done(task(duration=10, providerSettings=SOUND))
    assert loud["cost"] == 1.4
    (ends,) = runware.done(from_picture(uri(png("red")), uri(png("blue")), duration=10))
    assert ends["cost"] == 0.7


@pytest.mark.parametrize("in_data", [True, False])
def test_a_failure_is_told_in_either_place_and_not_billed(runware: Caller, in_data: bool) -> None:
    runware.knob("switches", {"errors_in_data": in_data, "failed_poll_status": 400})
    runware.knob("faults", [{"kind": "refuse_late", "containing": "lamp"}])
    id_ = runware.accepted(task())
    assert runware.billed(id_)["charged_usd"] == 0.35
    runware.finish()
    answer = runware.call({"taskType": "getResponse", "taskUUID": id_})
    body = answer.json()
    if in_data:
        assert answer.status_code == 200
        assert body["data"][0]["error"]["code"] == "invalidProviderContent"
    else:
        assert answer.status_code == 400
        assert body["errors"][0]["status"] == "error"
        assert body["errors"][0]["code"] == "invalidProviderContent"
    assert runware.billed(id_)["charged_usd"] == 0


def test_uploads_are_used_by_their_uuid(runware: Caller) -> None:
    data = png("green", 400, 300)
    image = {"taskType": "imageUpload", "taskUUID": str(uuid4()), "image": uri(data)}
    (kept,) = runware.call(image).json()["data"]
    assert runware.get(kept["imageURL"]).content == data
    store = {"taskType": "mediaStorage", "taskUUID": str(uuid4()), "operation": "upload"}
    (stored,) = runware.call({**store, "media": uri(b"a video", "video/mp4")}).json()["data"]
    asked = from_picture(kept["imageUUID"], duration=None)
    asked["inputs"]["referenceVideos"] = [stored["mediaUUID"]]
    id_ = runware.accepted(asked)
    assert runware.billed(id_)["frames_sha256"] == [
        sha256(data).hexdigest(),
        sha256(b"a video").hexdigest(),
    ]
    gone = {**store, "operation": "delete", "media": stored["mediaUUID"]}
    assert runware.call(gone).status_code == 200
    assert runware.call(gone).status_code == 404
    again = from_picture(kept["imageUUID"], duration=None)
    again["inputs"]["referenceVideos"] = [stored["mediaUUID"]]
    assert runware.refused(again) == ("invalidInputs", "inputs.referenceVideos")


def test_the_same_asked_again_is_a_duplicate(runware: Caller) -> None:
    first = runware.accepted(from_picture(uri(png("olive"))))
    image = {"taskType": "imageUpload", "taskUUID": str(uuid4()), "image": uri(png("olive"))}
    (kept,) = runware.call(image).json()["data"]
    second = runware.accepted(from_picture(kept["imageUUID"]))
    assert runware.billed(second)["duplicate_of"] == first
    other = runware.accepted(from_picture(uri(png("navy"))))
    assert runware.billed(other)["duplicate_of"] is None


@pytest.mark.parametrize(("width", "height"), [(29, 40), (200, 60)])
def test_kling_takes_no_picture_that_is_too_small_or_too_long(
    runware: Caller, width: int, height: int
) -> None:
    id_ = runware.accepted(from_picture(uri(png(width=width, height=height))))
    runware.finish()
    assert "Image" in runware.poll(id_)["errors"][0]["message"]
    assert runware.billed(id_)["charged_usd"] == 0


def test_an_end_frame_with_sound_may_be_silently_silent(runware: Caller, tmp_path: Path) -> None:
    runware.knob("switches", {"end_frame_sound": "silent"})
    asked = from_picture(uri(png("red")), uri(png("blue")), providerSettings=SOUND)
    (result,) = runware.done(asked)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(runware.get(result["videoURL"]).content)
    assert not verify(clip, Expected(Fraction(5))).has_sound
    assert result["cost"] == 0.35


@pytest.mark.parametrize(("form", "type_"), [("MOV", "video/quicktime"), ("WEBM", "video/webm")])
def test_other_kinds_of_files(runware: Caller, tmp_path: Path, form: str, type_: str) -> None:
    (result,) = runware.done(task(outputFormat=form, providerSettings=SOUND))
    answer = runware.get(result["videoURL"])
    assert answer.headers["content-type"] == type_
    clip = tmp_path / f"clip.{form.lower()}"
    clip.write_bytes(answer.content)
    info = verify(clip, Expected(Fraction(5), Fraction(16, 9)))
    assert info.frames == 121
    assert info.has_sound


def test_a_clip_is_gone_after_its_time(runware: Caller) -> None:
    (result,) = runware.done(task(ttl=60))
    assert runware.get(result["videoURL"]).status_code == 200
    runware.finish(61)
    assert runware.get(result["videoURL"]).status_code == 403


def test_the_balance_goes_down_and_then_nothing_is_taken(runware: Caller) -> None:
    account = {
        "taskType": "accountManagement",
        "taskUUID": str(uuid4()),
        "operation": "getDetails",
    }

    def balance() -> float:
        amount: float = runware.call(account).json()["data"][0]["balance"]["amount"]
        return amount

    before = balance()
    runware.accepted(task(duration=10))
    assert round(before - balance(), 6) == 0.7
    spent = runware.knob("ledger")["charged_usd"]
    runware.knob("switches", {"balance_usd": spent + 0.5})
    assert runware.refused(task(duration=10), status=402)[0] == "insufficientCredits"
    runware.accepted(task(duration=5))


def test_results_are_pushed_and_put_where_they_are_wanted(runware: Caller) -> None:
    with listening(refusals=2) as (url, heard):
        asked = task(numberResults=2, webhookURL=f"{url}/hook", uploadEndpoint=f"{url}/put")
        id_ = runware.accepted(asked)
        runware.knob("clock", {"speed": 3000.0})
        for _ in range(6):
            heard.wait()
        runware.knob("clock", {"speed": 0})
    results = runware.poll(id_)["data"]
    import json

    told = [json.loads(body) for path, body in heard.taken if path == "/hook"]
    assert told == results
    clips = [body for path, body in heard.taken if path == "/put"]
    assert clips == [runware.get(item["videoURL"]).content for item in results]


class Heard:
    """What a listener was sent; it refuses the first few."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.taken: list[tuple[str, bytes]] = []
        self._came = threading.Semaphore(0)

    def take(self, path: str, body: bytes) -> int:
        refused = self.refusals > 0
        self.refusals -= 1
        if not refused:
            self.taken.append((path, body))
        self._came.release()
        return 500 if refused else 204

    def wait(self) -> None:
        assert self._came.acquire(timeout=20)


@contextmanager
def listening(refusals: int) -> Iterator[tuple[str, Heard]]:
    heard = Heard(refusals)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(heard.take(self.path, body))
            self.end_headers()

        do_PUT = do_POST  # noqa: N815 - http.server's name

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", heard
        finally:
            server.shutdown()
            thread.join()


def test_pictures_of_this_machine_are_fetched_and_others_are_not(runware: Caller) -> None:
    data = png("purple")
    image = {"taskType": "imageUpload", "taskUUID": str(uuid4()), "image": uri(data)}
    (kept,) = runware.call(image).json()["data"]
    with listening(refusals=0) as (url, _):
        gone = runware.accepted(from_picture(f"{url}/none.png"))
    own = runware.accepted(from_picture(kept["imageURL"]))
    far = runware.accepted(from_picture("https://example.com/her.png"))
    odd = runware.accepted(from_picture("https://[example"))
    assert runware.billed(own)["frames_sha256"] == [sha256(data).hexdigest()]
    for id_ in (gone, far, odd):
        assert runware.billed(id_)["frames_sha256"] == []
