"""A plan in a file: reviewed by people, then done exactly so, or refused with what changed since.

The file is JSON. It holds the choices, and of every step what is asked for,
how it stood and what it might cost; a digest over all of it tells a file that
was damaged, or changed by hand, from one that was reviewed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import NamedTemporaryFile

from storyboard.asked import wanted
from storyboard.changes import change
from storyboard.consent import Purse, dollars
from storyboard.diagnostics import Invalid, Refused
from storyboard.digest import digest
from storyboard.graph import Action, Kind
from storyboard.reasons import differences
from storyboard.source import Plain
from storyboard.steps import Plan, Status, Step

FORMAT = 1
_MAGIC = "storyboard plan"
_MOST = 20  # lines that a refusal shows of what changed
_WIDE = 110  # characters of a line


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedStep:
    """A step, as it was reviewed.

    Attributes:
        asked: what it asks for, as `asked.wanted` gives it, and its fallback models.
        key: its action key; None where it waited.
        low: US dollars that it would cost at least, and `high` at most.
    """

    status: str
    asked: Mapping[str, Plain]
    key: str | None
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan that was reviewed.

    Attributes:
        file: where it is, for messages.
        film: the storyboard's path, from the folder that holds the store.
        given: `--var`s, as they were written.
        shots: only these and what they need were planned; all where empty.
        cuts: likewise.
        steps: by id, in build order.
    """

    file: Path
    film: str
    profile: str | None
    given: Mapping[str, str]
    shots: tuple[str, ...]
    cuts: tuple[str, ...]
    steps: Mapping[str, SavedStep]

    @property
    def high(self) -> Fraction:
        """US dollars that it may cost at most: the consent that it stands for."""
        return sum((step.high for step in self.steps.values()), Fraction(0))

    def require(self, plan: Plan) -> None:
        """See that a plan does what was reviewed, or less of it since somebody built some.

        Raises:
            Refused: it would do something else; named is what.
        """
        drifts = list(self._drifts(plan))
        if not drifts:
            return
        shown = [f"  {each}" for each in drifts[:_MOST]]
        if len(drifts) > _MOST:
            shown.append(f"  and {len(drifts) - _MOST} more")
        raise Refused(
            f"Nothing was built: what {self.file} planned is not what would be done now.\n"
            + "\n".join(shown),
            f"Plan again with `storyboard plan --out {self.file}`, and review that.",
        )

    def narrowed(self, purse: Purse) -> Purse:
        """A purse for what was reviewed alone.

        A step whose frames were known then is paid for with those frames only;
        one that waited, with whichever frames it is given.
        """
        paid = {id_: step for id_, step in self.steps.items() if step.high}
        left = self.high if purse.left is None else min(self.high, purse.left)
        return replace(
            purse,
            steps=frozenset(id_ for id_, step in paid.items() if step.key is None),
            keys=frozenset(step.key for step in paid.values() if step.key),
            left=left,
        )

    def _drifts(self, plan: Plan) -> Iterator[str]:
        now = {step.action.id: step for step in plan}
        for id_ in self.steps:
            if id_ not in now and _of_shot(id_):
                yield f"{_name(id_)}: is no longer in the film"
        for id_, step in now.items():
            if not _of_shot(id_):
                continue
            if id_ not in self.steps:
                yield f"{_name(id_)}: was not in the film"
            else:
                yield from self._drift(id_, step)
        yield from self._drifts_of_cuts(now)

    def _drifts_of_cuts(self, now: Mapping[str, Step]) -> Iterator[str]:
        """The cuts that would be put together otherwise: their pieces are too many to be named."""
        changed = set()
        for id_ in {*self.steps, *now}:
            if not _of_shot(id_):
                saved, step = self.steps.get(id_), now.get(id_)
                if saved is None or step is None or differences(saved.asked, _asked(step.action)):
                    changed.add(id_)
        cuts = {id_ for id_ in changed if id_.startswith(f"{Kind.CUT}:")}
        for id_ in sorted(cuts or changed):
            yield f"{id_}: would be put together otherwise"

    def _drift(self, id_: str, step: Step) -> Iterator[str]:
        saved, name = self.steps[id_], _name(id_)
        reasons = differences(saved.asked, _asked(step.action))
        for reason in reasons:
            yield f"{name}: {change(reason, _WIDE - len(name))}"
        if reasons:
            return
        high = step.cost_usd[1]
        if high and saved.key and step.key and saved.key != step.key:
            yield f"{name}: is given other frames than those that were there"
        elif high > saved.high:
            if saved.high:
                yield f"{name}: may cost {dollars(high)} instead of {dollars(saved.high)}"
            else:
                yield f"{name}: was {saved.status}, is {step.status.value} and may cost {dollars(high)}"
        elif step.status is Status.MISSING and saved.status != step.status:
            most = dollars(step.action.price[1])
            yield f"{name}: was {saved.status}, and is not here now; another would cost {most}"


def _asked(action: Action) -> dict[str, Plain]:
    """What an action asks for, and of which models should its own refuse: that is paid for too."""
    asked = wanted(action)
    work = asked["work"]
    if action.stand_ins and isinstance(work, dict):
        models: list[Plain] = [each.model for each in action.stand_ins]
        asked["work"] = {**work, "fallback": models}
    return asked


def _of_shot(id_: str) -> bool:
    return id_.startswith((f"{Kind.GENERATE}:", f"{Kind.FRAME}:"))


def _name(id_: str) -> str:
    return id_.removeprefix("generate:")


def plan_document(
    plan: Plan,
    film: str,
    *,
    given: Mapping[str, str],
    shots: tuple[str, ...],
    cuts: tuple[str, ...],
) -> dict[str, Plain]:
    """What a plan's file holds."""
    document: dict[str, Plain] = {
        "what": _MAGIC,
        "version": FORMAT,
        "storyboard": film,
        "profile": plan.profile,
        "vars": dict(given),
        "shots": list(shots),
        "cuts": list(cuts),
        "cost_usd": {"low": str(plan.cost_usd[0]), "high": str(plan.cost_usd[1])},
        "steps": [_step_document(step) for step in plan],
    }
    return document | {"digest": digest(document)}


def _step_document(step: Step) -> Plain:
    low, high = step.cost_usd
    return {
        "id": step.action.id,
        "status": step.status.value,
        "key": step.key,
        "asked": _asked(step.action),
        "cost_usd": {"low": str(low), "high": str(high)},
    }


def write_plan(document: Mapping[str, Plain], file: Path) -> None:
    """Put a plan into a file, whole or not at all.

    Raises:
        Invalid: something that is no plan is there already.
        OSError: it cannot be written.
    """
    if file.exists() and _magic(file) != _MAGIC:
        raise Invalid(
            f"{file} is there already, and is no plan.", "Give the plan a name of its own."
        )
    folder = file.resolve().parent
    with NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as part:
        try:
            json.dump(document, part, ensure_ascii=False, indent=1)
            part.write("\n")
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).chmod(0o644)
            Path(part.name).replace(file)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def _magic(file: Path) -> object:
    try:
        read = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return read.get("what") if isinstance(read, dict) else None


def read_plan(file: Path) -> SavedPlan:
    """The plan in a file.

    Raises:
        Invalid: it is not there, is no plan, is damaged, or another version's.
    """
    try:
        read = json.loads(file.read_bytes())
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except ValueError:
        read = None
    if not isinstance(read, dict) or read.get("what") != _MAGIC:
        raise Invalid(
            f"{file} is no plan, or only a part of one.",
            f"Make one with `storyboard plan --out {file}`.",
        )
    if read.get("version") != FORMAT:
        raise Invalid(
            f"{file} is a plan of version {read.get('version')}, and this release reads {FORMAT}.",
            f"Plan again with `storyboard plan --out {file}`.",
        )
    written = read.pop("digest", None)
    if digest(read) != written:
        raise Invalid(
            f"{file} was changed after it was planned, or is damaged.",
            f"Plan again with `storyboard plan --out {file}`, and review that.",
        )
    return SavedPlan(
        file=file,
        film=read["storyboard"],
        profile=read["profile"],
        given=read["vars"],
        shots=tuple(read["shots"]),
        cuts=tuple(read["cuts"]),
        steps={
            step["id"]: SavedStep(
                status=step["status"],
                asked=step["asked"],
                key=step["key"],
                low=Fraction(step["cost_usd"]["low"]),
                high=Fraction(step["cost_usd"]["high"]),
            )
            for step in read["steps"]
        },
    )
