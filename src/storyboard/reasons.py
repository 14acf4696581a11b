"""Why a step is stale: what it was made for, against what it would be made for now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from storyboard.asked import unmade, wanted
from storyboard.graph import Action, Made
from storyboard.source import Plain
from storyboard.steps import Reason

_SHORT = 8  # digits of a digest that tell two pictures apart on a screen


def differences(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> tuple[Reason, ...]:
    """The fields in which two of `asked`'s mappings differ: work first, then inputs."""
    was, now = _fields(old), _fields(new)
    return tuple(
        Reason(field, _shown(was.get(field)), _shown(now.get(field)))
        for field in was | now
        if _identity(was.get(field)) != _identity(now.get(field))
    )


def certain_differences(old: Mapping[str, Plain], action: Action) -> tuple[Reason, ...]:
    """The fields in which an action differs from what it was made for, whatever its inputs turn out to be.

    An input that another action makes may come out with the very bytes that
    were given before, so it counts only where there was none.

    Args:
        old: what it was made for, as `asked` gives it.
        action: one whose inputs need not be known.
    """
    before = old.get("inputs")
    given = before if isinstance(before, dict) else {}
    inputs: dict[str, Plain] = {
        role: given[role] if isinstance(source, Made) and role in given else unmade(source)
        for role, source in action.inputs.items()
    }
    return differences(old, wanted(action) | {"inputs": inputs})


def _fields(asked: Mapping[str, Plain]) -> dict[str, Plain]:
    """One flat mapping, in the words in which a storyboard says it."""
    work, inputs = asked.get("work"), asked.get("inputs")
    fields = dict(_flat("", _as_written(work) if isinstance(work, dict) else {}))
    fields |= inputs if isinstance(inputs, dict) else {}
    return fields | {"key format": asked.get("format")}


def _as_written(work: dict[str, Plain]) -> dict[str, Plain]:
    """A request's prompts as `prompt` or `multi_prompt`, the way they are written."""
    match work.get("prompts"):
        case [{"text": text}]:
            said: dict[str, Plain] = {"prompt": text}
        case [_, *_] as prompts:
            said = {"multi_prompt": prompts}
        case _:
            return work
    return said | {name: value for name, value in work.items() if name != "prompts"}


def _flat(name: str, value: Plain) -> Iterator[tuple[str, Plain]]:
    """A value's leaves, each with its way: `options.shot_type`, `events[2].fit`."""
    match value:
        case dict():
            for key, item in value.items():
                yield from _flat(f"{name}.{key}" if name else key, item)
        case [*items] if any(isinstance(item, dict) for item in items):
            yield f"{name} (how many)", len(items)
            for number, item in enumerate(items, 1):
                yield from _flat(f"{name}[{number}]", item)
        case _:
            yield name, value


def _identity(value: Plain) -> Plain:
    """What of a field's value the key holds: of an input its digest, wherever it comes from."""
    return value["digest"] if isinstance(value, dict) and "digest" in value else value


def _shown(value: Plain) -> Plain:
    match value:
        case {"from": str(origin), "digest": str(digest)}:
            return f"{origin} ({digest[:_SHORT]})"
        case {"from": origin}:
            return origin
    return value
