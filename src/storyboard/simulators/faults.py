"""Faults on demand: which there are, which requests or jobs they strike, and how often.

A fault is set by `PUT …/_simulator/faults`; the format is in docs/simulate.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from jsonschema import Draft202012Validator

from storyboard.simulators.calls import Purpose

Kind: TypeAlias = Literal[
    "drop_before",
    "drop_after",
    "hang",
    "delay",
    "rate",
    "server_error",
    "html",
    "refuse",
    "no_credit",
    "refuse_late",
    "fail",
    "stuck",
    "slow_job",
    "expired",
    "truncated",
    "half",
    "wrong_length",
    "slow",
    "corrupt",
]

USUAL: Mapping[Kind, frozenset[Purpose]] = {
    "drop_before": frozenset({"submit"}),  # the connection is closed, nothing is done
    "drop_after": frozenset({"submit"}),  # it is done, then the connection is closed
    "hang": frozenset({"submit"}),  # nothing is done; closed `seconds` (real ones) later
    "delay": frozenset({"submit"}),  # it is done, and answered `seconds` (real ones) later
    "rate": frozenset({"submit"}),  # 429, with `retry_after` where it is given
    "server_error": frozenset({"submit"}),  # `status` (500); done first where `accepted`
    "html": frozenset(
        {"submit"}
    ),  # a page of HTML, with `status` (502); done first where `accepted`
    "refuse": frozenset({"submit"}),  # moderation refuses the prompt at once
    "no_credit": frozenset({"submit"}),  # the balance is exhausted
    "refuse_late": frozenset({"submit"}),  # moderation refuses what was made, while the job runs
    "fail": frozenset({"submit"}),  # the job fails, when the share `at` (0.9) of it is done
    "stuck": frozenset({"submit"}),  # the job never ends
    "slow_job": frozenset({"submit"}),  # the job takes `seconds` (simulated ones) longer
    "expired": frozenset({"download"}),  # the clip is gone: `status` (403)
    "truncated": frozenset({"download"}),  # the connection breaks in the middle
    "half": frozenset({"download"}),  # half of the file, as if it were all
    "wrong_length": frozenset({"download"}),  # all of it, with half of its length announced
    "slow": frozenset({"download"}),  # all of it, drip by drip, over `seconds` (real ones)
    "corrupt": frozenset({"download"}),  # as long as it should be, with bytes changed
}
"""Every kind of fault, with the requests that it strikes unless it says others."""

ANYWHERE: frozenset[Kind] = frozenset(
    {"drop_before", "drop_after", "hang", "delay", "rate", "server_error", "html"}
)
"""Those that can strike requests of any purpose; the others belong where they are."""

IN_JOBS: frozenset[Kind] = frozenset({"refuse_late", "fail", "stuck", "slow_job"})
"""Those that strike a job, not a request."""

_PURPOSES = ["submit", "poll", "upload", "list", "cancel", "download", "other"]
_SCHEMA = Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["kind"],
            "additionalProperties": False,
            "properties": {
                "kind": {"enum": list(USUAL)},
                "on": {"type": "array", "items": {"enum": _PURPOSES}, "minItems": 1},
                "skip": {"type": "integer", "minimum": 0},
                "times": {"type": ["integer", "null"], "minimum": 1},
                "containing": {"type": "string"},
                "seconds": {"type": "number", "minimum": 0},
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "retry_after": {"type": "number", "minimum": 0},
                "accepted": {"type": "boolean"},
                "at": {"type": "number", "minimum": 0, "maximum": 1},
                "words": {"type": "string"},
            },
        },
    }
)


class BadSetting(Exception):
    """What somebody asked of the simulation makes no sense. As text it says why."""


@dataclass(slots=True)
class Fault:
    """A fault and which requests it strikes.

    Attributes:
        on: the purposes of the requests that it may strike.
        skip: how many of them go by unharmed first.
        times: how many it strikes; None for all that come.
        containing: only those whose body or path has this text in it.
        words: what the provider says, where that is not the usual.
        struck: how many it has struck.
    """

    kind: Kind
    on: frozenset[Purpose]
    skip: int = 0
    times: int | None = 1
    containing: str = ""
    seconds: float = 60.0
    status: int | None = None
    retry_after: float | None = None
    accepted: bool = False
    at: float = 0.9
    words: str | None = None
    struck: int = 0
    passed: int = 0

    def strikes(self, purpose: Purpose, text: str) -> bool:
        """Whether it strikes a request, which is counted."""
        fits = purpose in self.on and self.containing in text
        if not fits or (self.times is not None and self.struck >= self.times):
            return False
        if self.passed < self.skip:
            self.passed += 1
            return False
        self.struck += 1
        return True

    def json(self) -> dict[str, Any]:
        """How it stands."""
        return {
            "kind": self.kind,
            "on": sorted(self.on),
            "skip": self.skip,
            "times": self.times,
            "containing": self.containing,
            "struck": self.struck,
        }


@dataclass(slots=True)
class Faults:
    """The faults that are set for a provider, in the order in which they are tried."""

    listed: list[Fault] = field(default_factory=list)

    def set(self, data: Any) -> None:
        """Put faults in the place of those before.

        Raises:
            BadSetting: they are not what docs/simulate.md says.
        """
        error = next(iter(_SCHEMA.iter_errors(data)), None)
        if error is not None:
            raise BadSetting(f"faults{error.json_path.removeprefix('$')}: {error.message}")
        self.listed = [_fault(item) for item in data]

    def strike(self, kinds: Collection[Kind], purpose: Purpose, text: str) -> Fault | None:
        """The fault, one of these kinds, that strikes a request."""
        for fault in self.listed:
            if fault.kind in kinds and fault.strikes(purpose, text):
                return fault
        return None


def _fault(data: Mapping[str, Any]) -> Fault:
    kind: Kind = data["kind"]
    on = frozenset(data.get("on", USUAL[kind]))
    if kind not in ANYWHERE and on != USUAL[kind]:
        raise BadSetting(f"a fault of the kind {kind} strikes {', '.join(USUAL[kind])} only")
    rest = {name: value for name, value in data.items() if name not in {"kind", "on"}}
    return Fault(kind, on, **rest)
