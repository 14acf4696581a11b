"""Finding a request again whose answer was lost: in the list of one's own requests.

fal keeps what each request was given. Every picture was uploaded for it, to an
address of its own, so the whole input is as good as a name. The list may lag
behind, and whoever asked fal not to keep inputs is not in it: that a request
is not there proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from storyboard.exchange import Found, HttpRequest, HttpResponse, Intent, Media, Undecided
from storyboard.instants import instant_text, read_instant
from storyboard.providers.fal.addresses import RECORDS, endpoint_asked, operation_of
from storyboard.providers.fal.answers import problem
from storyboard.providers.fal.inputs import arguments
from storyboard.source import Plain

_BEFORE = timedelta(minutes=10)
"""How far this machine's clock may be ahead of fal's."""
_AFTER = timedelta(hours=1)
"""How long after the intent a submit may have been sent: uploads come between."""
_PAGES = 50
"""How many pages are read at most: 5000 requests."""


def recover(intent: Intent, seen: Sequence[HttpResponse]) -> HttpRequest | Found | Undecided:
    """The next question about a lost submit, or what came of them."""
    if not seen:
        return _page(intent, None)
    last = seen[-1].json()
    if (
        seen[-1].status != 200
        or not isinstance(last, dict)
        or not isinstance(last.get("items"), list)
    ):
        return Undecided(f"{_asked(intent)}: {_not_read(seen[-1], last)}.")
    if last.get("has_more"):
        cursor = last.get("next_cursor")
        if isinstance(cursor, str) and len(seen) < _PAGES:
            return _page(intent, cursor)
        return Undecided(f"{_asked(intent)}: there are more of them than could be read.")
    return _judged(intent, {id_ for page in seen for id_ in _matching(intent, page.json())})


def _judged(intent: Intent, matching: set[str]) -> Found | Undecided:
    if len(matching) == 1 and intent.inputs.keys() <= intent.references.keys():
        return Found(operation_of(intent, matching.pop()))
    if matching:
        listed = ", ".join(sorted(matching))
        why = f"{len(matching)} fit ({listed}), and whether one is this shot's cannot be told"
    elif intent.request.delivery.get("store_io") is False:
        why = "none of them asks for this, and with `store_io: false` fal does not keep what was asked"
    else:
        why = "none of them asks for this, but the list may lag behind, so that proves nothing"
    return Undecided(f"{_asked(intent)}: {why}.")


def _page(intent: Intent, cursor: str | None) -> HttpRequest:
    query = {
        "endpoint_id": endpoint_asked(intent),
        "start": instant_text(intent.made_at - _BEFORE),
        "expand": "payloads",
        "limit": "100",
    }
    return HttpRequest(
        method="GET", url=RECORDS, query=query | ({"cursor": cursor} if cursor else {})
    )


def _asked(intent: Intent) -> str:
    since = instant_text(intent.made_at - _BEFORE)
    return f"fal was asked for the requests to {endpoint_asked(intent)} since {since}"


def _not_read(response: HttpResponse, answer: Plain) -> str:
    found = problem(response.status, answer, response.headers)
    said = f": {found.words}" if found else ", and nothing that can be read"
    return f"it answered {response.status}{said}"


def _matching(intent: Intent, page: Plain) -> Iterator[str]:
    """The ids on a page of requests that ask for just what the intent does."""
    addresses = {role: intent.references.get(role, "") for role in intent.inputs}
    frames = {role: Media(type="", reference=address) for role, address in addresses.items()}
    asked = {name: v for name, v in arguments(intent.request, frames).items() if v != ""}
    items = page.get("items") if isinstance(page, dict) else None
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and _fits(intent, asked, item):
            yield str(item["request_id"])


def _fits(intent: Intent, asked: Mapping[str, Plain], item: Mapping[str, Plain]) -> bool:
    id_, input_ = item.get("request_id"), item.get("json_input")
    if not isinstance(id_, str) or id_ in intent.known or not isinstance(input_, dict):
        return False
    sent = read_instant(item.get("sent_at")) or read_instant(item.get("started_at"))
    if sent and not intent.made_at - _BEFORE <= sent <= intent.made_at + _AFTER:
        return False
    return all(name in input_ and input_[name] == value for name, value in asked.items())
