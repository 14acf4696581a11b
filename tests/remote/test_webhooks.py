"""Webhooks: a hint to ask after a job at once, and never more than that."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from uuid import uuid4

import pytest

from storyboard import providers
from storyboard.diagnostics import Failed
from storyboard.exchange import Intent, Operation
from storyboard.provider import Prompt, Request
from storyboard.remote.access import Access
from storyboard.remote.line import Line
from storyboard.remote.mailbox import Mailbox, Webhooks
from storyboard.remote_provider import RemoteProvider
from storyboard.simulators.server import simulation

LONG = 100.0  # seconds between polls: nothing here waits for so long


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, list[str]]]:
    said: list[str] = []
    with closing(Mailbox(Webhooks(), lambda whose, why: said.append(f"{whose}: {why}"))) as box:
        yield box, said


def line_to(name: str, url: str | None = None) -> Line:
    provider = providers.find(name)
    assert isinstance(provider, RemoteProvider)
    return Line(provider, Access("sk-id:secret", "KEY", url))


def address_of(box: Mailbox, model: str) -> str:
    found = providers.find_model(model)
    assert found is not None
    address = box.address(found)
    assert address is not None
    return address


async def posted(address: str, body: object, **headers: str) -> int:
    def post() -> int:
        request = urllib.request.Request(address, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    return await asyncio.to_thread(post)


def test_an_unsigned_webhook_is_a_hint_to_ask() -> None:
    async def run(box: Mailbox) -> None:
        line = line_to("runware")
        address = address_of(box, "runware/kling-2.6-pro")
        waiting = asyncio.create_task(box.rest(line, "task-1", LONG))
        await asyncio.sleep(0)
        assert await posted(address, {"taskUUID": "task-1", "videoURL": "https://evil/x"}) == 200
        await waiting
        await line.wire.close()

    with mailbox() as (box, said):
        asyncio.run(run(box))

    assert said == []


def test_one_at_another_address_is_not_taken() -> None:
    async def run(box: Mailbox) -> int:
        address = address_of(box, "runware/kling-2.6-pro").rpartition("/")[0]
        return await posted(f"{address}/guessed", {"taskUUID": "task-1"})

    with mailbox() as (box, _):
        assert asyncio.run(run(box)) == 404


def test_a_signed_one_is_believed_and_a_forged_one_is_warned_of() -> None:
    async def run(box: Mailbox, url: str) -> None:
        line = line_to("fal", url)
        address = address_of(box, "fal/kling-2.6-pro")
        waiting = asyncio.create_task(box.rest(line, "r-1", LONG))
        await asyncio.sleep(0)
        forged = {
            "X-Fal-Webhook-Request-Id": "r-1",
            "X-Fal-Webhook-User-Id": "u",
            "X-Fal-Webhook-Timestamp": "1",
            "X-Fal-Webhook-Signature": "00" * 64,
        }
        assert await posted(address, {"request_id": "r-1"}, **forged) == 200
        assert await posted(address, {"request_id": "r-1"}) == 200
        while len(said) < 2:  # both are looked at
            await asyncio.sleep(0.01)
        assert not waiting.done()
        waiting.cancel()
        await line.wire.close()

    with simulation("fal", speed=3000) as urls, mailbox() as (box, said):
        asyncio.run(run(box, urls["fal"]))

    assert said == ["fal: a webhook came without a signature, or with a wrong one"] * 2


def test_providers_without_webhooks_are_promised_none() -> None:
    with mailbox() as (box, _):
        for name in ("aimlapi/kling-2.6-pro", "modelstream/kling-2.6"):
            model = providers.find_model(name)
            assert model is not None
            assert box.address(model) is None


def test_where_nobody_can_listen_is_said() -> None:
    with mailbox() as (box, _), pytest.raises(Failed, match="Nothing can listen on"):
        Mailbox(Webhooks(port=box.port), lambda *_: None)


def intent_for(model: str, webhook: str) -> Intent:
    return Intent(
        key="key",
        request=Request(
            model=model,
            prompts=(Prompt("a boat at sea", Fraction(5)),),
            duration=Fraction(5),
            aspect_ratio="16:9",
            delivery={"webhook": webhook},
        ),
        nonce=str(uuid4()),
        made_at=datetime.now(UTC),
    )


@pytest.mark.parametrize("name", ["fal", "runware"])
def test_what_the_provider_sends_when_a_job_ends_is_believed(name: str) -> None:
    async def run(box: Mailbox, url: str) -> None:
        line = line_to(name, url)
        model = f"{name}/kling-2.6-pro"
        intent = intent_for(model, address_of(box, model))
        response = await line.wire.send(line.provider.submit(intent, {}), paid=True)
        job = line.provider.submitted(intent, response)
        assert isinstance(job, Operation)
        assert box.expects(intent.request.delivery)
        await box.rest(line, job.id, LONG)
        await line.wire.close()

    with simulation(name, speed=3000, switches={"scale": 0.1}) as urls, mailbox() as (box, said):
        asyncio.run(run(box, urls[name]))

    assert said == []
