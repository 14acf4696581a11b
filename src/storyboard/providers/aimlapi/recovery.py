"""Finding a job again whose answer was lost: by the intent's mark, in the log of one's calls.

The log is there for statistics: a row may come as late as the job's end. So a
job that is not in it proves nothing, and what was charged since then is asked
for only to tell the user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from storyboard.exchange import Found, HttpRequest, HttpResponse, Intent, Undecided
from storyboard.instants import instant_text, read_instant
from storyboard.providers.aimlapi.answers import operation_of, words_of
from storyboard.providers.aimlapi.inputs import HOST, MODEL_IDS
from storyboard.requests import mode_given
from storyboard.source import Plain

_LOGS = f"{HOST}/v2/logs"
_CHARGES = f"{HOST}/v2/billing/transactions"
_BEFORE = timedelta(minutes=10)
"""How far this machine's clock may be ahead of theirs."""
_AFTER = timedelta(days=1)
"""How long after a submit its row may still be written: rows can come with a job's end."""
_ROWS = 100
_PAGES = 15
"""How many pages of the log are read at most."""


def recover(intent: Intent, seen: Sequence[HttpResponse]) -> HttpRequest | Found | Undecided:
    """Looks for the mark in the log, page by page; then at what was charged since."""
    if not seen:
        return _log_page(intent, 0)
    last = seen[-1]
    rows = _rows(last)
    about_log = last.memo.get("asked") != "charges"
    if rows is None:
        where = "its log of calls" if about_log else "its list of charges"
        unread = f"{where} could not be read ({_status(last)})"
        return Undecided(_told(intent, unread))
    if not about_log:
        return Undecided(_told(intent, _absent(intent, rows)))
    marked = {
        id_
        for page in seen
        for row in _rows(page) or ()
        if row.get("client_request_id") == intent.nonce
        and isinstance(id_ := row.get("inference_id"), str)
    }
    if len(marked) == 1 and not marked & intent.known:
        return Found(operation_of(intent, marked.pop()))
    if marked:
        several = f"{len(marked)} jobs carry its mark: {', '.join(sorted(marked))}"
        return Undecided(_told(intent, several))
    if len(rows) >= _ROWS and len(seen) < _PAGES:
        return _log_page(intent, len(seen) * _ROWS)
    return HttpRequest(method="GET", url=_CHARGES, memo={"asked": "charges"})


def _log_page(intent: Intent, offset: int) -> HttpRequest:
    return HttpRequest(
        method="GET",
        url=_LOGS,
        query={
            "model": _model_asked(intent),
            "start": instant_text(intent.made_at - _BEFORE),
            "end": instant_text(intent.made_at + _AFTER),
            "limit": str(_ROWS),
            "offset": str(offset),
        },
        memo={"asked": "log"},
    )


def _model_asked(intent: Intent) -> str:
    # An input that only the provider can reach has no digest, but a reference.
    return MODEL_IDS[mode_given({*intent.inputs, *intent.references})]


def _rows(response: HttpResponse) -> list[dict[str, Plain]] | None:
    """The rows of a list, which stands alone or under a name; None where there is no list."""
    if response.status != 200:
        return None
    answer = response.json()
    lists = [answer, *answer.values()] if isinstance(answer, dict) else [answer]
    for listed in lists:
        if isinstance(listed, list):
            return [row for row in listed if isinstance(row, dict)]
    return None


def _absent(intent: Intent, charges: Sequence[Mapping[str, Plain]]) -> str:
    absent = "no call in its log carries this mark, but rows may come as late as the job's end, so that proves nothing"
    strangers = sorted(set(_strangers(intent, charges)))
    if strangers:
        return f"{absent}; charged since then, and not recorded here: {', '.join(strangers)}"
    return f"{absent}; nothing was charged since then that is not recorded here"


def _strangers(intent: Intent, charges: Sequence[Mapping[str, Plain]]) -> Iterator[str]:
    """The jobs of this model that were charged since the intent and are not recorded."""
    model = _model_asked(intent)
    for row in charges:
        ids = (row.get(name) for name in ("reference_id", "referenceId", "inference_id"))
        id_ = next((id_ for id_ in ids if isinstance(id_, str)), None)
        when = read_instant(row.get("created_at") or row.get("created"))
        if id_ is None or id_ in intent.known or not id_.endswith(f":{model}"):
            continue
        if when is None or when >= intent.made_at - _BEFORE:
            yield id_


def _told(intent: Intent, outcome: str) -> str:
    return (
        f"AI/ML API was asked for calls since {instant_text(intent.made_at - _BEFORE)} with the mark "
        f"{intent.nonce}: {outcome}."
    )


def _status(response: HttpResponse) -> str:
    words = words_of(response.json())
    return f"it answered {response.status}" + (f": {words}" if words else "")
