"""fal's own Python client, unchanged, drives the simulator; and our adapter asks as it does."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import fal_client
import fal_client.client
import httpx
import pytest
from fal_caller import I2V, MOTION, PICTURE, T2V, Caller

from storyboard.exchange import Done, HttpRequest, Intent, Media, Operation
from storyboard.provider import Prompt, Request
from storyboard.providers.fal import provider

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def client(quick: Caller, monkeypatch: pytest.MonkeyPatch) -> Iterator[fal_client.SyncClient]:
    """The client, pointed at the simulator by its own constants, as its makers' tests do."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    module = fal_client.client
    monkeypatch.setattr(module, "QUEUE_URL_FORMAT", f"{quick.url}/")
    monkeypatch.setattr(module, "RUN_URL_FORMAT", f"{quick.url}/fal.run/")
    monkeypatch.setattr(module, "REST_URL", quick.url)
    monkeypatch.setattr(module, "CDN_URL", quick.url)
    monkeypatch.setattr(module, "BASE_DELAY", 0.01)  # between its own retries
    client = fal_client.SyncClient(key="id:secret")
    yield client
    client._client.close()
    gc.collect()  # the client leaves its upload connections open: let that be told of here


@pytest.fixture
def picture(client: fal_client.SyncClient) -> str:
    return client.upload(PICTURE.getvalue(), "image/png", "x.png")


def shown(picture: str, **more: Any) -> dict[str, Any]:
    base = {"prompt": "A lamp", "start_image_url": picture, "generate_audio": False}
    return base | {"duration": "5"} | more


def test_submit_status_with_logs_and_result(client: fal_client.SyncClient, picture: str) -> None:
    job = client.submit(I2V, shown(picture))
    seen = list(job.iter_events(with_logs=True, interval=0.005))
    assert isinstance(seen[-1], fal_client.Completed)
    assert seen[-1].error is None
    assert seen[-1].logs
    video = job.get()["video"]
    assert len(httpx.get(video["url"], verify=False).content) == video["file_size"]
    assert client.result(I2V, job.request_id)["video"] == video
    assert isinstance(client.status(I2V, job.request_id), fal_client.Completed)


def test_queued_running_and_the_place_in_the_queue(
    client: fal_client.SyncClient, quick: Caller
) -> None:
    quick.turn("clock", {"speed": 0})
    jobs = [client.submit(T2V, {"prompt": str(n), "duration": "5"}) for n in range(4)]
    assert jobs[3].status() == fal_client.Queued(position=3)
    quick.pass_time(60)
    assert jobs[0].status() == fal_client.InProgress(logs=None)
    assert jobs[0].status(with_logs=True).logs  # type: ignore[attr-defined]
    assert jobs[3].status() == fal_client.Queued(position=1)


def test_subscribe_and_run(client: fal_client.SyncClient, picture: str) -> None:
    assert client.subscribe(I2V, shown(picture))["video"]["url"]
    assert client.run(I2V, shown(picture))["video"]["url"]


def test_cancel(client: fal_client.SyncClient, quick: Caller) -> None:
    quick.turn("clock", {"speed": 0})
    job = client.submit(T2V, {"prompt": "Waves", "duration": "5"})
    job.cancel()
    status = job.status()
    assert isinstance(status, fal_client.Completed)
    assert status.error_type == "client_cancelled"
    with pytest.raises(fal_client.FalClientHTTPError) as failed:
        job.cancel()
    assert failed.value.status_code == 400


@pytest.mark.parametrize("way", ["fal_v3", "fal"])
def test_both_uploads(client: fal_client.SyncClient, way: Any) -> None:
    url = client.upload(PICTURE.getvalue(), "image/png", "x.png", repository=way)
    assert httpx.get(url, verify=False).content == PICTURE.getvalue()


def test_an_upload_in_parts(client: fal_client.SyncClient) -> None:
    url = fal_client.client.MultipartUpload.save(
        client=client._get_cdn_client(),
        token_manager=client._token_manager,
        file_name="x.bin",
        data=bytes(range(256)) * 40,
        content_type="application/octet-stream",
        chunk_size=1000,
    )
    assert httpx.get(url, verify=False).content == bytes(range(256)) * 40


@pytest.mark.parametrize("duration", ["5s", 5])
def test_422(client: fal_client.SyncClient, picture: str, duration: object) -> None:
    with pytest.raises(fal_client.FalClientHTTPError) as refused:
        client.submit(I2V, shown(picture, duration=duration))
    assert refused.value.status_code == 422
    assert refused.value.message[0]["type"] == "literal_error"  # type: ignore[index]


def test_a_job_that_fails_late(client: fal_client.SyncClient, quick: Caller) -> None:
    quick.turn("faults", [{"kind": "refuse_late"}])
    job = client.submit(T2V, {"prompt": "Waves", "duration": "5"})
    *_, last = job.iter_events(interval=0.005)
    assert isinstance(last, fal_client.Completed)
    assert last.error_type == "content_policy_violation"
    with pytest.raises(fal_client.FalClientHTTPError) as failed:
        job.get()
    assert failed.value.status_code == 422


def test_403(client: fal_client.SyncClient, quick: Caller) -> None:
    quick.turn("switches", {"balance_usd": 0})
    with pytest.raises(fal_client.FalClientHTTPError, match="Exhausted balance") as refused:
        client.submit(T2V, {"prompt": "Waves"})
    assert refused.value.status_code == 403


def test_401_and_404(client: fal_client.SyncClient) -> None:
    bad = fal_client.SyncClient(key="invalid")
    with pytest.raises(fal_client.FalClientHTTPError) as refused:
        bad.submit(T2V, {"prompt": "Waves"})
    assert refused.value.status_code == 401
    bad._client.close()
    with pytest.raises(fal_client.FalClientHTTPError) as unknown:
        client.result(T2V, "no-such-request")
    assert unknown.value.status_code == 404


def test_a_lost_answer_costs_who_sends_again_a_second_time(
    client: fal_client.SyncClient, quick: Caller
) -> None:
    quick.turn("faults", [{"kind": "drop_after"}])
    client.submit(T2V, {"prompt": "Waves", "duration": "5", "generate_audio": False})
    jobs = quick.ledger()["jobs"]
    assert len(jobs) == 2
    assert jobs[1]["duplicate_of"] == jobs[0]["id"]
    assert sum(job["charged_usd"] for job in jobs) == pytest.approx(0.7)


# --- the same inputs, asked by both

IGNORED = {"host", "user-agent", "accept-encoding", "connection", "accept", "content-length"}


def asked(quick: Caller) -> dict[str, Any]:
    """The latest request, without what any HTTP client writes about itself."""
    latest = quick.requests()[-1]
    latest["headers"] = {k: v for k, v in latest["headers"].items() if k not in IGNORED}
    return latest


def intent_of(request: Request) -> Intent:
    return Intent(key="k", request=request, nonce="n-1", made_at=datetime.now(UTC))


CASES: dict[str, tuple[str, Request, tuple[str, ...], dict[str, Any], dict[str, Any]]] = {}


def case(
    name: str,
    endpoint: str,
    roles: tuple[str, ...],
    arguments: dict[str, Any],
    *,
    text: str = "A lamp",
    said: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """The request in our terms, and the call of the client that means the same."""
    seconds = fields.pop("duration", Fraction(5))
    request = Request(
        model="fal/kling-2.6-pro", prompts=(Prompt(text, seconds),), duration=seconds, **fields
    )
    CASES[name] = (endpoint, request, roles, arguments, said or {})


case(
    "first frame",
    I2V,
    ("first_frame",),
    {"prompt": "A lamp", "start_image_url": "@", "duration": "5", "generate_audio": False},
)
case(
    "voices",
    I2V,
    ("first_frame",),
    {
        "prompt": "<<<voice_1>>> hums",
        "start_image_url": "@",
        "duration": "10",
        "negative_prompt": "blur",
        "generate_audio": True,
        "voice_ids": ["17", "18"],
    },
    text="<<<voice_1>>> hums",
    duration=Fraction(10),
    negative_prompt="blur",
    audio=True,
    voices=("17", "18"),
)
case(
    "first and last frame",
    I2V,
    ("first_frame", "last_frame"),
    {
        "prompt": "A lamp",
        "start_image_url": "@",
        "end_image_url": "@",
        "duration": "5",
        "generate_audio": False,
    },
)
case(
    "text, with every way to deliver that the client knows",
    T2V,
    (),
    {
        "prompt": "A lamp",
        "duration": "5",
        "aspect_ratio": "1:1",
        "cfg_scale": 0.25,
        "generate_audio": True,
    },
    said={
        "hint": "lamp",
        "priority": "low",
        "start_timeout": 90,
        "webhook_url": "http://127.0.0.1:9/hook?job=n-1",
    },
    aspect_ratio="1:1",
    cfg_scale=Fraction(1, 4),
    audio=True,
    delivery={
        "runner_hint": "lamp",
        "queue_priority": "low",
        "request_timeout": 90,
        "webhook": "http://127.0.0.1:9/hook",
    },
)
case(
    "motion control",
    MOTION,
    ("first_frame", "motion"),
    {
        "image_url": "@",
        "video_url": "https://v.example/c.mp4",
        "character_orientation": "image",
        "keep_original_sound": True,
        "prompt": "A lamp",
    },
    orientation="image",
    keep_sound=True,
)


@pytest.mark.parametrize("name", CASES)
def test_our_submit_is_the_clients(
    client: fal_client.SyncClient, quick: Caller, picture: str, name: str
) -> None:
    endpoint, request, roles, arguments, said = CASES[name]
    client.submit(endpoint, {k: picture if v == "@" else v for k, v in arguments.items()}, **said)
    theirs = asked(quick)
    frames = {role: Media(type="image/png", reference=picture) for role in roles}
    if "motion" in frames:
        frames["motion"] = Media(type="video/mp4", reference="https://v.example/c.mp4")
    answer = quick.send(provider.submit(intent_of(request), frames))
    assert answer.status == 200
    assert asked(quick) == theirs


def test_our_questions_are_the_clients(client: fal_client.SyncClient, quick: Caller) -> None:
    job = client.submit(T2V, {"prompt": "Waves", "duration": "5"})
    ours = Operation(
        provider="fal",
        model="fal/kling-2.6-pro",
        id=job.request_id,
        urls={"status": job.status_url, "response": job.response_url},
    )
    list(job.iter_events(interval=0.005))
    theirs = asked(quick)
    completed = quick.send(provider.poll(ours))
    assert asked(quick) == theirs
    job.get()
    theirs = asked(quick)
    question = provider.polled(ours, completed)
    assert isinstance(question, HttpRequest)
    assert isinstance(provider.polled(ours, quick.send(question)), Done)
    assert asked(quick) == theirs


def test_our_cancel_is_the_clients(client: fal_client.SyncClient, quick: Caller) -> None:
    quick.turn("clock", {"speed": 0})
    job = client.submit(T2V, {"prompt": "Waves", "duration": "5"})
    job.cancel()
    theirs = asked(quick)
    ours = Operation(provider="fal", model="m", id="x", urls={"cancel": quick.url + theirs["path"]})
    quick.send(provider.cancel(ours))
    assert asked(quick) == theirs


def test_our_upload_is_the_clients_but_for_the_place(
    client: fal_client.SyncClient, quick: Caller
) -> None:
    """The Python client's fallback takes the same two steps as the JavaScript client."""
    client.upload(PICTURE.getvalue(), "image/png", "x.png", repository="fal")
    initiated, stored = quick.requests()[-2:]
    picture = Media(type="image/png", digest="ab", data=PICTURE.getvalue())
    answer = quick.send(provider.upload(picture))
    put = provider.uploaded(picture, answer)
    assert not isinstance(put, str)
    reference = provider.uploaded(picture, quick.send(put))
    mine, my_put = quick.requests()[-2:]
    assert mine["path"] == initiated["path"]
    assert set(mine["json"]) == set(initiated["json"])
    assert mine["query"] == {"storage_type": "fal-cdn-v3"}
    assert my_put["headers"]["content-type"] == stored["headers"]["content-type"]
    assert "authorization" not in my_put["headers"]
    assert httpx.get(str(reference), verify=False).content == PICTURE.getvalue()
