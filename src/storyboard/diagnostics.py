"""What is wrong, where, and what to do: the catalogue of codes and the error tree.

    StoryboardError
    ├── Invalid            the storyboard or the call is wrong          exit 2
    ├── Refused            for money: budget, or no consent             exit 3
    ├── Failed             something could not be made, read or kept    exit 1
    │   ├── StoreError     the disk: full, not writable, damaged
    │   ├── StoreBusy      another build holds the store
    │   ├── StepError      one step, as things are
    │   └── BadMedia       a picture, video or sound that is not one
    └── Undecided          a job's outcome is unknown                   exit 4

Codes are grouped: 1xx reading files, 2xx fields and their values, 3xx names
and templates, 4xx what shots refer to, 5xx what models can do, 6xx time and
joins, 7xx the lock. A code keeps its meaning for ever; a retired one is not used again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum, StrEnum
from functools import lru_cache

from storyboard.source import Plain, Span, Via

_NEAR = 0.68  # by SequenceMatcher: `galery` is 0.92 from `gallery`


class Severity(StrEnum):
    """Whether a storyboard with this can be built."""

    ERROR = "error"
    WARNING = "warning"


class Code(Enum):
    """The closed catalogue. Each has a number, a name for it, and a severity."""

    NOT_FOUND = ("SB101", "file not found or not readable")
    NOT_TEXT = ("SB102", "not text")
    YAML_SYNTAX = ("SB103", "not YAML")
    DUPLICATE_KEY = ("SB104", "the same key twice")
    BAD_TAG = ("SB105", "a tag that means nothing here")
    BAD_ALIAS = ("SB106", "an alias or merge that leads nowhere")
    BAD_KEY = ("SB107", "a key that is not a word")
    DOCUMENTS = ("SB108", "more than one document")
    TOO_BIG = ("SB109", "larger or deeper than is sensible")
    EMPTY = ("SB110", "nothing in the file")

    UNKNOWN_FIELD = ("SB201", "unknown field")
    MISSING_FIELD = ("SB202", "required field missing")
    WRONG_TYPE = ("SB203", "value of the wrong kind")
    OUT_OF_RANGE = ("SB204", "value out of range")
    NOT_A_CHOICE = ("SB205", "value that is none of the choices")
    CONFLICT = ("SB206", "fields that exclude each other")
    BAD_ID = ("SB207", "not usable as an id")
    DUPLICATE_ID = ("SB208", "the same id twice")
    BAD_VERSION = ("SB209", "version of the language")
    UNQUOTED = ("SB210", "text that YAML reads otherwise")
    NO_EFFECT = ("SB211", "a field without effect", Severity.WARNING)
    COMMENT_IN_TEXT = ("SB212", "text cut short by a comment", Severity.WARNING)

    BAD_EXPRESSION = ("SB301", "not a Jinja expression")
    UNDEFINED = ("SB302", "unknown name")
    EVALUATION = ("SB303", "an expression that cannot be evaluated")
    VAR_CYCLE = ("SB304", "vars that need each other")
    UNKNOWN_TEMPLATE = ("SB305", "unknown template")
    BAD_PARAM = ("SB306", "a template's param")
    UNKNOWN_PROFILE = ("SB307", "unknown profile")
    UNKNOWN_VAR = ("SB308", "--var for a name that is not declared")
    TOO_MUCH = ("SB309", "an expression that takes too long or makes too much")
    RESERVED = ("SB310", "a reserved name")
    TEMPLATE_CYCLE = ("SB311", "templates that extend each other")
    UNKNOWN_LOOK = ("SB312", "unknown style of titles")
    LOOK_LOOP = ("SB313", "styles of titles that extend each other")

    UNKNOWN_SHOT = ("SB401", "unknown shot")
    DROPPED_SHOT = ("SB402", "a shot that `when` dropped")
    CYCLE = ("SB403", "shots that wait for each other")
    BAD_FRAME = ("SB404", "a frame that cannot be had")
    OUTSIDE = ("SB405", "a path that leads outside")
    BAD_MEDIA = ("SB406", "a picture, video or sound that cannot be used")
    NO_SHOTS = ("SB407", "nothing to show")
    BAD_CAPTIONS = ("SB408", "a caption that cannot be read from its file")
    LETTERS = ("SB409", "letters that a font does not have", Severity.WARNING)

    UNKNOWN_MODEL = ("SB501", "unknown model")
    CANNOT = ("SB502", "something that the model cannot do")
    TOO_LONG = ("SB503", "longer than the model takes")

    BAD_TRIM = ("SB601", "a trim that leaves nothing")
    BAD_OVERLAP = ("SB602", "a transition longer than its shots")
    DURATION = ("SB603", "durations that do not fit")
    SELF_FADE = ("SB604", "a crossfade into the shot's own continuation", Severity.WARNING)
    UNSEEN = ("SB606", "words that are never seen", Severity.WARNING)
    HASTE = ("SB607", "a caption that nobody can read in time", Severity.WARNING)
    UNHEARD = ("SB608", "a sound that is never heard", Severity.WARNING)
    COLLISION = ("SB609", "words on top of other words", Severity.WARNING)

    LOCK_DAMAGED = ("SB701", "a damaged line in the lock")
    LOCK_CONFLICT = ("SB702", "a merge's conflict in the lock")
    LOCK_TWO_CHOICES = ("SB703", "two selections, or pins, of the same")
    LOCK_LOST_TAKE = ("SB704", "a selection or pin of a take that is not there")
    LOCK_LATER = ("SB705", "a lock of a later version")

    def __init__(self, number: str, about: str, severity: Severity = Severity.ERROR) -> None:
        self.number = number
        self.about = about
        self.severity = severity


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem.

    Attributes:
        message: what is wrong, in one sentence.
        span: where; None for what has no place in a file (a `--var`).
        help: what to do about it.
        via: how the value came there, the nearest step first.
        uses: other ways to the same problem in the same text, the first few.
        more_uses: how many more there are.
    """

    code: Code
    message: str
    span: Span | None = None
    help: str | None = None
    via: Via | None = None
    uses: tuple[Via, ...] = ()
    more_uses: int = 0

    @property
    def severity(self) -> Severity:
        """Of its code."""
        return self.code.severity

    def json(self) -> dict[str, Plain]:
        """The document of `check --json`: a contract."""
        place = _place(self.span)
        if self.span:
            place["end_line"], place["end_column"] = self.span.ends
        else:
            place["end_line"] = place["end_column"] = None
        return {
            "code": self.code.number,
            "severity": self.severity.value,
            "message": self.message,
            **place,
            "help": self.help,
            "via": [
                {**_place(step.span), "what": step.what}
                for step in (self.via.steps() if self.via else ())
            ],
        }


def _place(span: Span | None) -> dict[str, Plain]:
    if span is None:
        return {"file": None, "line": None, "column": None}
    line, column = span.begins
    return {"file": span.file, "line": line, "column": column}


def errors_in(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them keeps the storyboard from being built."""
    return any(item.severity is Severity.ERROR for item in diagnostics)


def did_you_mean(wrong: str, known: Iterable[str], *, otherwise: str | None = None) -> str | None:
    """A help line that names what was probably meant.

    Args:
        wrong: what was written.
        known: what could have been written.
        otherwise: the help where nothing is near.
    """
    close = nearest(wrong, known)
    if close:
        return f"Did you mean {' or '.join(f'`{name}`' for name in close)}?"
    return otherwise


def nearest(wrong: str, known: Iterable[str]) -> list[str]:
    """The names that are near what was written: at most two, the second only if as near."""
    return list(_nearest(wrong, tuple(known)))


@lru_cache(maxsize=256)  # a loop may ask the same ten thousand times
def _nearest(wrong: str, known: tuple[str, ...]) -> tuple[str, ...]:
    lowered = {name.lower(): name for name in known}
    matcher = SequenceMatcher(b=wrong.lower()[:100])
    rated = []
    for low, name in lowered.items():
        matcher.set_seq1(low)
        if matcher.real_quick_ratio() >= _NEAR and matcher.quick_ratio() >= _NEAR:
            rated.append((matcher.ratio(), name))
    rated.sort(key=lambda each: (-each[0], each[1]))
    return tuple(name for ratio, name in rated[:2] if ratio >= max(_NEAR, rated[0][0] - 0.05))


def listed(names: Sequence[str], *, last: str = "or", most: int = 12) -> str:
    """Names as a phrase: `a`, `b` or `c`; of many the first few."""
    shown = [f"`{name}`" for name in names[:most]]
    if len(names) > most:
        return ", ".join(shown) + f" and {len(names) - most} more"
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


class StoryboardError(Exception):
    """What ends a command. Its text is for the user; `help` says what to do."""

    exit_code = 1

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class Invalid(StoryboardError):
    """The storyboard or the call is wrong."""

    exit_code = 2

    def __init__(
        self, message: str, help: str | None = None, diagnostics: Sequence[Diagnostic] = ()
    ) -> None:
        super().__init__(message, help)
        self.diagnostics = tuple(diagnostics)


class Refused(StoryboardError):
    """Not done for money: over the budget, or without consent."""

    exit_code = 3


class Failed(StoryboardError):
    """Something could not be made, read or kept."""


class Undecided(StoryboardError):
    """A job's outcome is unknown and needs a decision."""

    exit_code = 4
