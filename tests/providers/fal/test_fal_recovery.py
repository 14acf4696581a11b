"""A submit whose answer was lost, question by question."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fal_asked import END, I2V, ID, MADE_AT, START, answer, frames_of, intent_of, request_of

from storyboard.exchange import Found, HttpRequest, HttpResponse, Intent, Undecided
from storyboard.providers.fal import provider


def item(intent: Intent, id_: str = ID, **changes: Any) -> dict[str, Any]:
    """What fal's list holds of a request that was sent for an intent."""
    body = provider.submit(intent, frames_of(**intent.references)).json
    assert isinstance(body, dict)
    sent = (MADE_AT + timedelta(seconds=20)).isoformat().replace("+00:00", "Z")
    fields = {"request_id": id_, "endpoint_id": I2V, "sent_at": sent, "json_input": body}
    return fields | changes


def page(*items: object, cursor: str | None = None) -> HttpResponse:
    return answer(
        200, {"items": list(items), "next_cursor": cursor, "has_more": cursor is not None}
    )


def test_fal_is_asked_for_the_requests_to_the_endpoint_in_the_time(intent: Intent) -> None:
    question = provider.recover(intent, [])
    assert question == HttpRequest(
        method="GET",
        url="https://api.fal.ai/v1/models/requests/by-endpoint",
        query={
            "endpoint_id": I2V,
            "start": "2026-11-20T11:50:00Z",
            "expand": "payloads",
            "limit": "100",
        },
    )


def test_exactly_one_that_asks_for_the_same_is_it(intent: Intent) -> None:
    other = replace(intent, references={"first_frame": END})
    found = provider.recover(intent, [page(item(other, "other"), item(intent))])
    assert isinstance(found, Found)
    assert found.operation.id == ID
    assert provider.poll(found.operation).url.endswith(f"/fal-ai/kling-video/requests/{ID}/status")


def test_fal_may_keep_more_of_the_input_than_was_sent(intent: Intent) -> None:
    kept = item(intent)
    kept["json_input"]["negative_prompt"] = "blur, distort, and low quality"
    assert isinstance(provider.recover(intent, [page(kept)]), Found)


def test_page_after_page_is_read(intent: Intent) -> None:
    first = page(item(intent, "later", sent_at="2026-11-20T15:00:00Z"), cursor="c2")
    question = provider.recover(intent, [first])
    assert isinstance(question, HttpRequest)
    assert question.query["cursor"] == "c2"
    found = provider.recover(intent, [first, page(item(intent))])
    assert isinstance(found, Found)
    assert found.operation.id == ID


def test_several_that_ask_for_the_same_are_for_the_user_to_decide(intent: Intent) -> None:
    found = provider.recover(intent, [page(item(intent, "one"), item(intent, "two"))])
    assert isinstance(found, Undecided)
    assert "one, two" in found.asked


def test_those_that_are_known_already_do_not_count(intent: Intent) -> None:
    intent = replace(intent, known=frozenset({"one"}))
    found = provider.recover(intent, [page(item(intent, "one"), item(intent, "two"))])
    assert isinstance(found, Found)
    assert found.operation.id == "two"


def none_of_them(intent: Intent) -> list[object]:
    body = item(intent)["json_input"]
    return [
        item(intent, sent_at="2026-11-20T11:40:00Z"),
        item(intent, sent_at="2026-11-20T13:30:00Z"),
        item(intent, json_input=None),
        item(intent, json_input=body | {"prompt": "Another"}),
        item(intent, json_input=body | {"duration": "10"}),
        item(intent, json_input=body | {"generate_audio": True}),
        item(intent, json_input=body | {"start_image_url": END}),
        item(intent, json_input={k: v for k, v in body.items() if k != "start_image_url"}),
        item(intent, request_id=None),
        "odd",
    ]


@pytest.mark.parametrize("number", range(10))
def test_one_that_asks_for_something_else_is_not_it(intent: Intent, number: int) -> None:
    found = provider.recover(intent, [page(none_of_them(intent)[number])])
    assert isinstance(found, Undecided)
    assert I2V in found.asked
    assert "2026-11-20T11:50:00Z" in found.asked
    assert "proves nothing" in found.asked


def test_what_fal_was_told_not_to_keep_cannot_be_found() -> None:
    intent = intent_of(request_of(delivery={"store_io": False}), {"first_frame": START})
    found = provider.recover(intent, [page()])
    assert isinstance(found, Undecided)
    assert "store_io: false" in found.asked


def test_a_frame_without_a_recorded_address_leaves_it_undecided(intent: Intent) -> None:
    kept = item(intent)
    found = provider.recover(replace(intent, references={}), [page(kept)])
    assert isinstance(found, Undecided)
    assert ID in found.asked


def test_text_alone_is_enough_where_there_are_no_frames() -> None:
    intent = intent_of(request_of(aspect_ratio="16:9"), {})
    assert isinstance(provider.recover(intent, [page(item(intent))]), Found)


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (answer(403, {"detail": "Admin key required"}), "403: Admin key required"),
        (answer(503, "<html>"), "503"),
        (answer(200, "<html>"), "200"),
        (answer(200, {"requests": []}), "200"),
    ],
)
def test_a_list_that_cannot_be_read_decides_nothing(
    intent: Intent, response: HttpResponse, said: str
) -> None:
    found = provider.recover(intent, [response])
    assert isinstance(found, Undecided)
    assert said in found.asked


def test_a_list_without_an_end_decides_nothing(intent: Intent) -> None:
    pages = [page(item(intent), cursor="c")] * 50
    assert isinstance(provider.recover(intent, pages), Undecided)
    lost = answer(200, {"items": [item(intent)], "has_more": True, "next_cursor": None})
    assert isinstance(provider.recover(intent, [lost]), Undecided)
