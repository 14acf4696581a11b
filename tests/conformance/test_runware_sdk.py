"""Runware's own client drives the simulator as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from storyboard.media.verify import Expected, verify
from storyboard.simulators.server import simulation

runware = pytest.importorskip(
    "runware", reason="runware-sdk is not installed: pip install '.[dev]'", exc_type=ImportError
)

TASK = {
    "taskType": "videoInference",
    "model": "klingai:kling-video@2.6-pro",
    "positivePrompt": "a lamp",
    "duration": 5,
    "deliveryMethod": "async",
    "includeCost": True,
    "providerSettings": {"klingai": {"sound": False}},
}
TEXT = {**TASK, "width": 1920, "height": 1080}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with simulation("runware", speed=1000.0, switches={"scale": 0.1}) as urls:
        yield urls["runware"]


@pytest.fixture(autouse=True)
def as_usual(url: str) -> None:
    knob(url, "faults", [])
    knob(url, "clock", {"speed": 1000.0})


def knob(url: str, name: str, setting: Any = None) -> Any:
    method = "GET" if setting is None else "PUT"
    answer = httpx.request(method, f"{url}/_simulator/{name}", json=setting, trust_env=False)
    return answer.raise_for_status().json()


def run(url: str, *tasks: dict[str, Any], key: str = "key") -> list[Any]:
    """What the client gives for each task: a list of results, or the error that it raises."""

    async def all_of_them() -> list[Any]:
        settings = {"http_base_url": f"{url}/v1", "transport": "rest", "retry_delay": 10}
        async with runware.Runware(api_key=key, **settings) as client:
            return await asyncio.gather(*map(client.run, tasks), return_exceptions=True)

    return asyncio.run(all_of_them())


def test_from_text_from_a_picture_and_several_at_once(url: str, tmp_path: Path) -> None:
    picture = tmp_path / "her.png"
    Image.new("RGB", (320, 200), "teal").save(picture)
    uri = runware_uri(picture)
    image = {**TASK, "inputs": {"frameImages": [{"image": uri, "frame": "first"}]}}

    told = run(url, TEXT, image, {**TEXT, "numberResults": 2})

    assert [len(results) for results in told] == [1, 1, 2]
    for results in told:
        assert all(result["cost"] == 0.35 for result in results)
        assert all(result["status"] == "success" for result in results)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(httpx.get(told[1][0]["videoURL"], trust_env=False, verify=False).content)
    assert verify(clip, Expected(duration=5, aspect=320 / 200)).frames == 121  # type: ignore[arg-type]


def test_a_picture_is_uploaded_and_used(url: str, tmp_path: Path) -> None:
    picture = tmp_path / "her.png"
    Image.new("RGB", (320, 320), "teal").save(picture)

    async def upload_and_use() -> tuple[Any, Any]:
        settings = {"http_base_url": f"{url}/v1", "transport": "rest"}
        async with runware.Runware(api_key="key", **settings) as client:
            (kept,) = await client.media_storage(
                {"operation": "upload", "media": runware_uri(picture)}
            )
            inputs = {"frameImages": [{"image": kept["mediaUUID"], "frame": "first"}]}
            return kept, await client.run({**TASK, "inputs": inputs})

    kept, results = asyncio.run(upload_and_use())

    assert (
        httpx.get(kept["mediaURL"], trust_env=False, verify=False).content == picture.read_bytes()
    )
    assert results[0]["videoURL"].endswith(".mp4")


def test_a_failure_in_a_poll_is_raised(url: str) -> None:
    knob(url, "faults", [{"kind": "refuse_late"}, {"kind": "fail"}])
    knob(url, "switches", {"errors_in_data": True})
    refused, failed = run(url, TEXT, TEXT)
    knob(url, "switches", {"errors_in_data": False})
    assert {refused.code, failed.code} == {"safety", "provider"}
    knob(url, "faults", [{"kind": "refuse_late"}])
    (listed,) = run(url, TEXT)
    assert isinstance(listed, runware.RunwareError)
    assert listed.code == "safety"


def test_an_id_that_is_known_is_refused(url: str) -> None:
    knob(url, "clock", {"speed": 80.0})  # the first is still at work when the second comes
    task = {**TEXT, "taskUUID": str(uuid4())}
    jobs = len(knob(url, "ledger")["jobs"])

    told = run(url, task, task)

    (conflict,) = [each for each in told if isinstance(each, runware.RunwareError)]
    assert (conflict.code, conflict.parameter) == ("validation", "taskUUID")
    assert len(knob(url, "ledger")["jobs"]) == jobs + 1


def test_its_own_second_try_after_a_lost_answer_is_billed_once(url: str) -> None:
    knob(url, "faults", [{"kind": "drop_after"}])
    knob(url, "clock", {"speed": 80.0})
    jobs = len(knob(url, "ledger")["jobs"])
    (conflict,) = run(url, TEXT)
    assert isinstance(conflict, runware.RunwareError)
    assert len(knob(url, "ledger")["jobs"]) == jobs + 1


def test_errors_are_raised_as_what_they_are(url: str) -> None:
    wrong = {**TEXT, "duration": 7}
    (duration,) = run(url, wrong)
    assert (duration.code, duration.parameter) == ("validation", "duration")
    (key,) = run(url, TEXT, key="invalid")
    assert key.code == "auth"
    knob(url, "faults", [{"kind": "no_credit"}])
    (credit,) = run(url, TEXT)
    assert credit.code == "quota"


def runware_uri(path: Path) -> str:
    from base64 import b64encode

    return f"data:image/png;base64,{b64encode(path.read_bytes()).decode()}"
