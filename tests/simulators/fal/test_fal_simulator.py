"""The simulated fal behaves, and bills, as the contract says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_caller import I2V, JOBS, MOTION, PICTURE, T2V, Caller
from PIL import Image

from storyboard.digest import digest_bytes
from storyboard.media.probe import probe

WAITS, RUNS = 10, 110  # simulated seconds


def shown(fal: Caller, **picture: Any) -> dict[str, Any]:
    return {
        "prompt": "A lamp",
        "start_image_url": fal.uploaded(),
        "generate_audio": False,
        **picture,
    }


# --- from the submit to the clip


def test_a_job_is_accepted_with_its_three_addresses(fal: Caller) -> None:
    answer = fal.submit(T2V, {"prompt": "Waves"})
    told = answer.json()
    base = f"{fal.url}{JOBS}/{told['request_id']}"
    assert answer.status_code == 200
    assert answer.headers["x-fal-request-id"] == told["request_id"]
    assert told == {
        "status": "IN_QUEUE",
        "request_id": told["request_id"],
        "response_url": base,
        "status_url": f"{base}/status",
        "cancel_url": f"{base}/cancel",
        "queue_position": 0,
    }


def test_a_job_waits_runs_and_is_done(fal: Caller) -> None:
    id_ = fal.accepted()
    answer = fal.status(id_, logs="1")
    assert (answer.status_code, answer.json()["status"]) == (202, "IN_QUEUE")
    fal.pass_time(WAITS)
    answer = fal.status(id_)
    assert (answer.status_code, answer.json()["status"]) == (202, "IN_PROGRESS")
    assert answer.json()["logs"] is None
    assert fal.status(id_, logs="true").json()["logs"][0]["level"] == "INFO"
    early = fal.result(id_)
    assert (early.status_code, early.json()) == (400, {"detail": "Request is still in progress"})
    fal.pass_time(RUNS)
    answer = fal.status(id_)
    assert (answer.status_code, answer.json()["status"]) == (200, "COMPLETED")
    assert answer.json()["logs"] is None
    assert answer.json()["metrics"] == {"inference_time": RUNS}
    done = fal.result(id_)
    assert done.headers["x-fal-request-id"] == id_
    assert done.headers["x-fal-billable-units"] == "5.0"
    assert fal.call("GET", f"{JOBS}/{id_}/response").json() == done.json()
    video = done.json()["video"]
    assert (video["content_type"], video["file_name"]) == ("video/mp4", "output.mp4")
    assert len(httpx.get(video["url"], verify=False).content) == video["file_size"]


@pytest.mark.parametrize(
    ("endpoint", "body", "size", "frames", "sound", "cost"),
    [
        (T2V, {"aspect_ratio": "9:16", "generate_audio": False}, (54, 96), 121, False, 0.35),
        (T2V, {"duration": "10"}, (96, 54), 241, True, 1.4),
        (I2V, {}, (96, 54), 121, False, 0.35),
        (I2V, {"generate_audio": True, "voice_ids": ["1"]}, (96, 54), 121, True, 0.84),
    ],
)
def test_the_clip_is_a_real_one_of_what_was_asked(  # noqa: PLR0917 - a row of a table
    fal: Caller,
    tmp_path: Path,
    endpoint: str,
    body: dict[str, Any],
    size: tuple[int, int],
    frames: int,
    sound: bool,
    cost: float,
) -> None:
    base = shown(fal) if endpoint == I2V else {"prompt": "A lamp"}
    id_ = fal.accepted(endpoint, {**base, **body})
    fal.pass_time(WAITS + RUNS)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(httpx.get(fal.result(id_).json()["video"]["url"], verify=False).content)
    info = probe(clip)
    assert ((info.size.width, info.size.height), info.frames, info.has_sound) == (
        size,
        frames,
        sound,
    )
    assert fal.ledger()["charged_usd"] == pytest.approx(cost)


def test_motion_control_is_as_long_as_its_video(fal: Caller, tmp_path: Path) -> None:
    made = fal.accepted()
    fal.pass_time(WAITS + RUNS)
    video = fal.result(made).json()["video"]["url"]
    body = {"image_url": fal.uploaded(), "video_url": video, "character_orientation": "video"}
    id_ = fal.accepted(MOTION, body)
    fal.pass_time(WAITS + RUNS)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(httpx.get(fal.result(id_).json()["video"]["url"], verify=False).content)
    assert probe(clip).frames == 121
    assert fal.ledger()["jobs"][-1]["charged_usd"] == pytest.approx(5 * 0.112)
    assert len(fal.ledger()["jobs"][-1]["frames_sha256"]) == 2


def test_the_same_twice_is_two_jobs_and_two_charges(fal: Caller) -> None:
    ids = [fal.accepted(I2V, shown(fal)) for _ in range(2)]
    jobs = fal.ledger()["jobs"]
    assert [job["id"] for job in jobs] == ids
    assert [job["duplicate_of"] for job in jobs] == [None, ids[0]]
    assert [job["frames_sha256"] for job in jobs] == [[digest_bytes(PICTURE.getvalue())]] * 2
    assert fal.ledger()["charged_usd"] == pytest.approx(0.7)


def test_more_jobs_than_may_run_wait_in_their_order(fal: Caller) -> None:
    ids = [fal.accepted(body={"prompt": str(n)}) for n in range(5)]
    fal.pass_time(WAITS)
    told = [fal.status(id_).json() for id_ in ids]
    assert [each["status"] for each in told] == ["IN_PROGRESS"] * 2 + ["IN_QUEUE"] * 3
    assert [each["queue_position"] for each in told[2:]] == [0, 1, 2]
    fal.pass_time(RUNS)
    assert fal.status(ids[4]).json()["queue_position"] == 0


# --- cancelling, forgetting


def test_a_job_that_is_cancelled_ends_with_that_error_and_costs_nothing(fal: Caller) -> None:
    id_ = fal.accepted()
    answer = fal.call("PUT", f"{JOBS}/{id_}/cancel")
    assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    told = fal.status(id_).json()
    assert (told["status"], told["error_type"]) == ("COMPLETED", "client_cancelled")
    assert fal.result(id_).status_code == 499
    assert fal.ledger()["charged_usd"] == 0
    again = fal.call("PUT", f"{JOBS}/{id_}/cancel")
    assert (again.status_code, again.json()) == (400, {"status": "ALREADY_COMPLETED"})
    unknown = fal.call("PUT", f"{JOBS}/none/cancel")
    assert (unknown.status_code, unknown.json()) == (404, {"status": "NOT_FOUND"})


@pytest.mark.parametrize("headers", [{}, {"X-Fal-Store-IO": "0"}])
def test_the_queue_forgets_a_job_the_sooner_where_nothing_is_stored(
    fal: Caller, headers: dict[str, str]
) -> None:
    fal.turn("switches", {"result_lasts_s": 7200})
    id_ = fal.accepted(headers=headers)
    fal.pass_time(WAITS + RUNS + 3600)
    assert fal.result(id_).status_code == (404 if headers else 200)
    fal.pass_time(3600)
    assert (fal.status(id_).status_code, fal.status(id_).json()) == (404, {"status": "NOT_FOUND"})
    assert (fal.result(id_).status_code, fal.result(id_).json()) == (
        404,
        {"detail": "Request not found"},
    )


def test_a_clip_is_gone_when_it_was_asked_to_be(fal: Caller) -> None:
    wish = json.dumps({"expiration_duration_seconds": 60})
    id_ = fal.accepted(headers={"X-Fal-Object-Lifecycle-Preference": wish})
    fal.pass_time(WAITS + RUNS)
    url = fal.result(id_).json()["video"]["url"]
    assert httpx.get(url, verify=False).status_code == 200
    fal.pass_time(61)
    assert httpx.get(url, verify=False).status_code == 403


def test_a_job_that_could_not_start_in_time_fails_by_that(fal: Caller) -> None:
    for prompt in ("a", "b"):
        fal.accepted(body={"prompt": prompt})
    id_ = fal.accepted(body={"prompt": "c"}, headers={"X-Fal-Request-Timeout": "60"})
    fal.pass_time(59)
    assert fal.status(id_).json()["status"] == "IN_QUEUE"
    fal.pass_time(2)
    assert fal.status(id_).json()["error_type"] == "request_timeout"
    assert fal.result(id_).status_code == 504
    assert fal.result(id_).headers["x-fal-request-timeout-type"] == "user"


def test_a_queue_that_is_too_long_for_the_caller_refuses(fal: Caller) -> None:
    fal.accepted()
    full = fal.submit(T2V, {"prompt": "Waves"}, params={"fal_max_queue_length": "1"})
    assert full.status_code == 429
    assert fal.accepted(params={"fal_max_queue_length": "2"})


# --- what is refused


@pytest.mark.parametrize(
    ("endpoint", "body", "name", "type_"),
    [
        (T2V, {"prompt": None}, "prompt", "string_type"),
        (T2V, {"prompt": "x" * 2501}, "prompt", "string_too_long"),
        (T2V, {"duration": 5}, "duration", "literal_error"),
        (T2V, {"duration": "5s"}, "duration", "literal_error"),
        (T2V, {"aspect_ratio": "4:3"}, "aspect_ratio", "literal_error"),
        (T2V, {"cfg_scale": 1.5}, "cfg_scale", "less_than_equal"),
        (T2V, {"cfg_scale": -1}, "cfg_scale", "greater_than_equal"),
        (T2V, {"cfg_scale": "1"}, "cfg_scale", "float_type"),
        (T2V, {"generate_audio": "yes"}, "generate_audio", "bool_type"),
        (T2V, {"seed": 1}, "seed", "extra_forbidden"),
        (I2V, {"prompt": "x"}, "start_image_url", "missing"),
        (I2V, {"aspect_ratio": "16:9"}, "aspect_ratio", "extra_forbidden"),
        (I2V, {"voice_ids": ["a", "b", "c"]}, "voice_ids", "sequence_too_long"),
        (I2V, {"voice_ids": "a"}, "voice_ids", "list_type"),
        (I2V, {"voice_ids": ["a"]}, "voice_ids", "feature_not_supported"),
        (
            I2V,
            {"end_image_url": "x", "generate_audio": True},
            "generate_audio",
            "feature_not_supported",
        ),
        (MOTION, {"character_orientation": "left"}, "character_orientation", "literal_error"),
    ],
)
def test_an_input_that_is_wrong_is_told_where_and_how(
    shared: Caller, endpoint: str, body: dict[str, Any], name: str, type_: str
) -> None:
    base: dict[str, Any] = {"prompt": "A lamp"}
    if endpoint == I2V and type_ != "missing":
        base = shown(shared)
    answer = shared.submit(endpoint, {**base, **body})
    assert answer.status_code == 422
    found = next(item for item in answer.json()["detail"] if item["loc"] == ["body", name])
    assert found["type"] == type_
    assert set(found) == {"loc", "msg", "type", "url", "ctx", "input"}
    assert shared.ledger()["jobs"] == []


def picture(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "type_"),
    [
        (b"no picture", "image_load_error"),
        (picture(200, 299), "image_too_small"),
        (picture(300, 800), "value_error"),
        (picture(300, 300) + bytes(11 << 20), "file_too_large"),
        (None, "file_download_error"),
    ],
)
def test_a_picture_is_looked_at(fal: Caller, data: bytes | None, type_: str) -> None:
    fal.turn("switches", {"scale": 1.0})
    url = f"{fal.url}/files/b/never.png" if data is None else fal.uploaded(data)
    answer = fal.submit(I2V, {"prompt": "A lamp", "start_image_url": url})
    assert [item["type"] for item in answer.json()["detail"]] == [type_]


def test_a_picture_may_come_in_the_request(fal: Caller) -> None:
    from base64 import b64encode

    inline = f"data:image/png;base64,{b64encode(PICTURE.getvalue()).decode()}"
    fal.accepted(I2V, {"prompt": "A lamp", "start_image_url": inline})
    assert fal.ledger()["jobs"][0]["frames_sha256"] == [digest_bytes(PICTURE.getvalue())]


def test_an_input_may_be_looked_at_only_when_the_job_runs(fal: Caller) -> None:
    fal.turn("switches", {"validates": "run"})
    id_ = fal.accepted(body={"prompt": "Waves", "duration": 5})
    fal.pass_time(WAITS + RUNS)
    told = fal.status(id_).json()
    assert (told["status"], told["error_type"]) == ("COMPLETED", "literal_error")
    answer = fal.result(id_)
    assert answer.status_code == 422
    assert answer.headers["x-fal-request-id"] == id_
    assert answer.json()["detail"][0]["loc"] == ["body", "duration"]
    assert fal.ledger()["charged_usd"] == 0


def test_leniency_can_be_switched_on(fal: Caller) -> None:
    fal.turn("switches", {"strict": False, "end_frame_sound": "silent"})
    body = shown(fal, end_image_url=fal.uploaded(), generate_audio=True, image_url="ignored")
    del body["image_url"]
    fal.accepted(I2V, {**body, "seed": 7})
    assert fal.ledger()["charged_usd"] == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("key", "said"),
    [(None, "Authorization header is required"), ("invalid", "invalid key credentials")],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/{T2V}"),
        ("GET", f"{JOBS}/x/status"),
        ("PUT", f"{JOBS}/x/cancel"),
        ("POST", "/storage/upload/initiate"),
        ("POST", "/storage/auth/token"),
        ("GET", "/v1/models/requests/by-endpoint"),
        ("POST", f"/fal.run/{T2V}"),
    ],
)
def test_without_a_good_key_nothing_is_answered(
    shared: Caller, method: str, path: str, key: str | None, said: str
) -> None:
    answer = shared.call(method, path, key, json={})
    assert (answer.status_code, answer.json()) == (401, {"detail": said})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/fal-ai/kling-video/v2.6/standard/text-to-video", 404),
        ("GET", f"/{T2V}", 405),
        ("GET", f"/{T2V}/requests/x/status", 405),
        ("POST", f"{JOBS}/x/cancel", 405),
        ("GET", f"{JOBS}/x/status", 404),
    ],
)
def test_addresses_that_are_wrong(shared: Caller, method: str, path: str, status: int) -> None:
    assert shared.call(method, path, json={"prompt": "x"}).status_code == status


def test_without_money_an_account_is_locked(fal: Caller) -> None:
    fal.turn("switches", {"balance_usd": 0.5})
    fal.accepted(body={"prompt": "a", "generate_audio": False})
    answer = fal.submit(T2V, {"prompt": "b", "generate_audio": False})
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("User is locked. Reason: Exhausted balance.")


def test_moderation_refuses_at_once_or_late(fal: Caller) -> None:
    fal.turn("faults", [{"kind": "refuse", "containing": "a knife"}, {"kind": "refuse_late"}])
    answer = fal.submit(T2V, {"prompt": "a knife"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["type"] == "content_policy_violation"
    id_ = fal.accepted(body={"prompt": "a lamp"})
    fal.pass_time(WAITS + RUNS)
    assert fal.status(id_).json()["error_type"] == "content_policy_violation"
    assert fal.result(id_).json()["detail"][0]["loc"] == ["body", "prompt"]
    assert fal.ledger()["charged_usd"] == 0


def test_a_model_may_break(fal: Caller) -> None:
    fal.turn("faults", [{"kind": "fail", "words": "It broke"}])
    id_ = fal.accepted()
    fal.pass_time(WAITS + RUNS)
    answer = fal.result(id_)
    assert answer.status_code == 500
    assert answer.json() == {"detail": "It broke", "error_type": "internal_server_error"}
    assert answer.headers["x-fal-error-type"] == "internal_server_error"
    assert answer.headers["x-fal-retryable"] == "true"


# --- the list of requests


def listed(fal: Caller, **query: str) -> dict[str, Any]:
    answer = fal.call(
        "GET", "/v1/models/requests/by-endpoint", params={"endpoint_id": T2V, **query}
    )
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def test_requests_are_listed_after_a_while(fal: Caller) -> None:
    fal.turn("switches", {"listing_lag_s": 30})
    id_ = fal.accepted(body={"prompt": "Waves", "duration": "5"})
    assert listed(fal)["items"] == []
    fal.pass_time(30)
    item = listed(fal, expand="payloads")["items"][0]
    assert (item["request_id"], item["endpoint_id"], item["status_code"]) == (id_, T2V, None)
    assert item["json_input"] == {"prompt": "Waves", "duration": "5"}
    assert item["json_output"] is None
    assert item["ended_at"] is None
    fal.pass_time(WAITS + RUNS)
    item = listed(fal, expand="payloads", request_id=id_)["items"][0]
    assert item["status_code"] == 200
    assert item["json_output"] == fal.result(id_).json()
    assert "json_input" not in listed(fal)["items"][0]


def test_the_list_comes_in_pages_the_newest_first(fal: Caller) -> None:
    ids = [fal.accepted(body={"prompt": str(n)}) for n in range(5)]
    fal.accepted(I2V, shown(fal))
    first = listed(fal, limit="2")
    second = listed(fal, limit="2", cursor=first["next_cursor"])
    third = listed(fal, limit="2", cursor=second["next_cursor"])
    pages = [[item["request_id"] for item in page["items"]] for page in (first, second, third)]
    assert pages == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]
    assert third["next_cursor"] is None


def test_the_list_can_be_narrowed(fal: Caller) -> None:
    fal.accepted()
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert len(listed(fal, start=(now - hour).isoformat(), end=(now + hour).isoformat())["items"])
    assert not listed(fal, start=(now + hour).isoformat())["items"]
    assert not listed(fal, end=(now - hour).isoformat())["items"]
    assert not listed(fal, status="success")["items"]
    fal.pass_time(WAITS + RUNS)
    assert listed(fal, status="success")["items"]
    assert not listed(fal, status="error")["items"]


def test_what_was_not_to_be_stored_is_not_shown(fal: Caller) -> None:
    fal.accepted(headers={"X-Fal-Store-IO": "0"})
    assert "json_input" not in listed(fal, expand="payloads")["items"][0]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"start": "x"}, {"cursor": "x"}])
def test_a_list_that_makes_no_sense_is_refused(shared: Caller, query: dict[str, str]) -> None:
    params = {"endpoint_id": T2V, **query}
    assert shared.call("GET", "/v1/models/requests/by-endpoint", params=params).status_code == 400


def test_every_list_is_of_an_endpoint(shared: Caller) -> None:
    assert shared.call("GET", "/v1/models/requests/by-endpoint").status_code == 400


# --- uploads


def test_a_file_goes_to_an_address_of_its_own_each_time(shared: Caller) -> None:
    first, second = shared.uploaded(), shared.uploaded()
    assert first != second
    answer = httpx.get(first, verify=False)
    assert (answer.content, answer.headers["content-type"]) == (PICTURE.getvalue(), "image/png")


def test_an_address_takes_one_file(shared: Caller) -> None:
    asked = {"content_type": "image/png", "file_name": "x.png"}
    url = shared.call("POST", "/storage/upload/initiate", json=asked).json()["upload_url"]
    assert shared.call("PUT", url, None, content=b"x").status_code == 200
    assert shared.call("PUT", url, None, content=b"x").status_code == 403


def test_an_upload_says_what_it_is(shared: Caller) -> None:
    answer = shared.call("POST", "/storage/upload/initiate", json={"file_name": "x.png"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "content_type"]


def test_a_large_file_comes_in_parts(shared: Caller) -> None:
    asked = {"content_type": "video/mp4", "file_name": "x.mp4"}
    given = shared.call("POST", "/storage/upload/initiate-multipart", json=asked).json()
    at = httpx.URL(given["upload_url"])
    etags = []
    for number, data in [(2, b"world"), (1, b"hello ")]:
        put = shared.call("PUT", str(at.copy_with(path=f"{at.path}/{number}")), None, content=data)
        etags.append({"partNumber": number, "etag": put.headers["etag"]})
    done = str(at.copy_with(path=f"{at.path}/complete"))
    assert shared.call("POST", done, None, json={"parts": etags[:1]}).status_code == 400
    assert shared.call("POST", done, None, json={"parts": etags}).status_code == 200
    assert httpx.get(given["file_url"], verify=False).content == b"hello world"


def test_a_token_for_uploads_is_no_key_and_a_key_no_token(shared: Caller) -> None:
    token = shared.call("POST", "/storage/auth/token", json={}).json()
    headers = {"Authorization": f"{token['token_type']} {token['token']}"}
    assert shared.submit(T2V, {"prompt": "x"}, headers=headers).status_code == 401
    assert shared.call("POST", "/files/upload", content=b"x").status_code == 401
    assert shared.call("POST", "/files/upload", headers=headers, content=b"x").status_code == 200


# --- at once, and watched


def test_a_clip_can_be_waited_for(quick: Caller) -> None:
    answer = quick.call("POST", f"/fal.run/{T2V}", json={"prompt": "Waves"})
    assert answer.status_code == 200
    assert answer.json()["video"]["content_type"] == "video/mp4"
    assert answer.headers["x-fal-request-id"] == quick.ledger()["jobs"][0]["id"]


def test_nobody_waits_in_a_queue_there(fal: Caller) -> None:
    for prompt in ("a", "b"):
        fal.accepted(body={"prompt": prompt})
    answer = fal.call("POST", f"/fal.run/{T2V}", json={"prompt": "Waves"})
    assert answer.status_code == 429
    assert answer.json()["error_type"] == "concurrent_requests_limit"


def test_a_status_can_be_watched(quick: Caller) -> None:
    id_ = quick.accepted()
    answer = quick.call("GET", f"{JOBS}/{id_}/status/stream")
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line]
    assert events[-1]["status"] == "COMPLETED"
    assert quick.call("GET", f"{JOBS}/none/status/stream").status_code == 404
