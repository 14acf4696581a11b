"""What a provider's no means for the user: in its own words, and what to do about it."""

from __future__ import annotations

from storyboard.diagnostics import Failed, Undecided
from storyboard.exchange import JobFailed, Kind, Rejected

PASSING = frozenset({Kind.RATE, Kind.BUSY})
"""Refusals that go away by themselves."""

DEFINITE = frozenset({Kind.INVALID, Kind.REFUSED, Kind.NO_CREDIT, Kind.FAULT})
"""Refusals after which another model may be asked: this one will not make the clip."""

_ABOUT_THE_REQUEST = frozenset({Kind.INVALID, Kind.REFUSED})

_HELP = {
    Kind.INVALID: "change what the shot asks for, or its model",
    Kind.REFUSED: "change the prompt or the pictures: the provider's moderation does not let them pass",
    Kind.NO_CREDIT: "top up the account with the provider, and build again: what is finished is kept",
    Kind.KEY: "set {variable} to a key that the provider accepts, and build again",
    Kind.RATE: "build again later: what is finished is kept",
    Kind.BUSY: "build again later: what is finished is kept",
    Kind.FAULT: "build again, which asks for the clip anew; if it fails again, try another model",
    Kind.CANCELLED: "it was cancelled elsewhere; build again to ask for the clip anew",
}


class JobError(Failed):
    """A provider did not make a clip, and said so.

    Attributes:
        kind: of its refusal; None where it is another's fault.
    """

    def __init__(self, message: str, help: str | None = None, *, kind: Kind | None = None) -> None:
        super().__init__(message, help)
        self.kind = kind


class OutcomeUnknown(Undecided):
    """Nobody can tell what became of a job: it may have been charged, and its clip may come."""


def refusal(provider: str, answer: Rejected | JobFailed, variable: str) -> JobError:
    """The error for a provider's no.

    Args:
        provider: its name.
        answer: with its words, already without secrets.
        variable: the environment variable that holds the key.
    """
    about = f"`{answer.field}`: " if answer.field else ""
    charged = getattr(answer, "charged_usd", None)
    cost = f" (charged: ${float(charged):.2f})" if charged else ""
    advice = _HELP[answer.kind].format(variable=variable)
    if answer.field and answer.kind in _ABOUT_THE_REQUEST:
        advice = f"change `{answer.field}` of the shot, or its model"
    message = f"{provider}: {answer.kind}: {about}{answer.words}{cost}"
    return JobError(message, advice, kind=answer.kind)


def settles(answer: Rejected) -> bool:
    """Whether a no to a submit that was sent again is also one to the first.

    What is wrong with the request was so the first time; a key, a limit or an
    empty account may have become so in between.
    """
    return answer.kind in _ABOUT_THE_REQUEST
