"""Money on the command line: amounts, and the question before they are spent."""

from __future__ import annotations

import sys
from fractions import Fraction

import click

from storyboard.cli.text import say
from storyboard.consent import Agree, Bill, dollars
from storyboard.diagnostics import Refused

_AGREE = {
    "build": "Look at `storyboard plan`, then build with --yes; or have the plan reviewed:"
    " `plan --out FILE`, then `build --plan FILE`.",
    "retake": "--yes agrees to that.",
}


def amount(_context: click.Context, _option: click.Parameter, given: str | None) -> Fraction | None:
    """An option's amount in US dollars, exactly: `12`, `0.35`."""
    if given is None:
        return None
    try:
        asked = Fraction(given.removeprefix("$"))
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"{given!r} is no amount of US dollars.") from None
    if asked < 0:
        raise click.BadParameter("An amount is not below 0.")
    return asked


def asking(*, yes: bool) -> Agree:
    """How the user is asked for consent: not at all with `--yes`, else at a terminal."""

    def agree(bill: Bill) -> bool:
        if yes:
            return True
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Refused(
                f"This {bill.whose} costs money: {priced(bill)}.",
                _AGREE[bill.whose],
            )
        say(f"This {bill.whose} costs {priced(bill)}.")
        return click.confirm("Go on?", default=False, err=True)

    return agree


def price(low: Fraction, high: Fraction) -> str:
    """A price, or the two between which it is."""
    if low == high:
        return dollars(high)
    return f"{dollars(low)} to {dollars(high)}" if low else f"up to {dollars(high)}"


def priced(bill: Bill) -> str:
    """A bill in a phrase."""
    clips = "1 clip" if bill.clips == 1 else f"{bill.clips} clips"
    before = bill.so_far.spent + bill.so_far.pending
    said = f"{price(bill.low, bill.high)} for {clips}"
    if bill.waiting:
        said += f", {bill.waiting} of which wait{'s' if bill.waiting == 1 else ''} for frames"
    if before:
        said += f"; so far the film has cost {dollars(before)}"
    if bill.left is not None:
        said += f"; of its budget {dollars(bill.left)} are left"
    return said
