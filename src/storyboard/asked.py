"""What an action's key stands for, field by field, as JSON has it: for the ledger, the lock, and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from storyboard.digest import Digestible
from storyboard.graph import KEY_FORMAT, Action, Given, InputSource, Made, Named
from storyboard.source import Plain


def asked(action: Action, outputs: Mapping[str, str]) -> dict[str, Plain]:
    """What an action's key stands for.

    Args:
        action: one whose inputs are all known.
        outputs: the digests of what the actions before it made, by action id.
    """
    return {
        "format": KEY_FORMAT,
        "work": {name: plain(value) for name, value in action.work.canonical().items()},
        "inputs": {role: _input(source, outputs) for role, source in action.inputs.items()},
    }


def wanted(action: Action) -> dict[str, Plain]:
    """The same for an action whose inputs need not be made: those are named by what makes them."""
    return {
        **asked(action, dict.fromkeys(action.depends_on, "")),
        "inputs": {role: unmade(source) for role, source in action.inputs.items()},
    }


def unmade(source: InputSource) -> Plain:
    """An input that need not be made: where it is from."""
    return {"from": source.action} if isinstance(source, Made) else _input(source, {})


def plain(value: Digestible) -> Plain:
    """A value as JSON has it; rationals as a whole number, a decimal or `24000/1001`."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Fraction():
            return plain_number(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case Sequence():
            return [plain(item) for item in value]
    raise TypeError(f"no field holds a {type(value).__name__}")


def plain_number(value: Fraction) -> int | float | str:
    """A rational as a whole number, a decimal where that is exact, else `24000/1001`."""
    if value.denominator == 1:
        return value.numerator
    number = float(value)
    return number if Fraction(str(number)) == value else str(value)


def _input(source: InputSource, outputs: Mapping[str, str]) -> Plain:
    match source:
        case Made(action):
            return {"from": action, "digest": outputs[action]}
        case Given(path, digest):
            return {"from": path, "digest": digest}
        case Named(text):
            return {"from": text}
