"""What a film has cost, as the document of `cost --json` and as text."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction

import click

from storyboard.cli.money import price
from storyboard.consent import dollars
from storyboard.costs import Expense, Sum, sums
from storyboard.source import Plain
from storyboard.terminal import coloured


def document(
    film: str, by: str, expenses: Sequence[Expense], budget: Fraction | None
) -> dict[str, Plain]:
    """The document of `cost --json`."""
    whole = Sum("", tuple(expenses))
    return {
        "version": 1,
        "storyboard": film,
        "by": by,
        "sums": [{by: each.name, **_sum(each)} for each in sums(expenses, by)],
        "jobs": [_expense(each) for each in expenses],
        "totals": _sum(whole),
        "budget_usd": None if budget is None else float(budget),
        "left_usd": None if budget is None else float(_left(budget, whole)),
    }


def _sum(each: Sum) -> dict[str, Plain]:
    low, high = each.estimated
    return {
        "clips": each.clips,
        "spent_usd": _rounded(each.spent),
        "assumed_usd": _rounded(each.assumed),
        "under_way_usd": _rounded(each.under_way),
        "estimated_usd": {"low": _rounded(low), "high": _rounded(high)},
        "difference_usd": _rounded(each.difference),
    }


def _expense(each: Expense) -> Plain:
    return {
        "shot": each.shot,
        "profile": each.profile,
        "provider": each.provider,
        "model": each.model,
        "job": each.job,
        "state": each.state,
        "date": each.at.isoformat(),
        "clips": each.clips,
        "charged_usd": None if each.charged is None else _rounded(each.charged),
        "estimated_usd": None
        if each.estimated is None
        else {"low": _rounded(each.estimated[0]), "high": _rounded(each.estimated[1])},
    }


def _rounded(amount: Fraction) -> float:
    return round(float(amount), 4)


def _left(budget: Fraction, whole: Sum) -> Fraction:
    return budget - whole.spent - whole.under_way


def text(title: str, by: str, expenses: Sequence[Expense], budget: Fraction | None) -> str:
    """The same for people."""
    return "\n".join(_lines(title, by, expenses, budget))


def _lines(
    title: str, by: str, expenses: Sequence[Expense], budget: Fraction | None
) -> Iterator[str]:
    whole = Sum("", tuple(expenses))
    color = coloured(sys.stdout)
    yield click.style(title, bold=True) if color else title
    if expenses:
        yield from _table(by, [*sums(expenses, by), Sum("in all", tuple(expenses))])
    else:
        yield "Nothing has been paid for so far."
    if whole.assumed:
        yield (
            f"~ Of {dollars(whole.assumed)} the provider did not say what it took:"
            " that is the estimate, at most."
        )
    if budget is not None:
        left = _left(budget, whole)
        said = f"{dollars(left)} left" if left >= 0 else f"{dollars(-left)} over it"
        yield f"Budget: {dollars(budget)}, {said}."


def _table(by: str, rows: Sequence[Sum]) -> Iterator[str]:
    heads = (by, "clips", "spent", "under way", "estimated", "difference")
    cells = [_cells(row) for row in rows]
    shown = [n for n, head in enumerate(heads) if head != "under way" or any(c[n] for c in cells)]
    widths = [max(len(line[n]) for line in (heads, *cells)) for n in range(len(heads))]
    for line in (heads, *cells):
        parts = [f"{line[n]:<{widths[n]}}" if n == 0 else f"{line[n]:>{widths[n]}}" for n in shown]
        yield "  " + "  ".join(parts).rstrip()


def _cells(row: Sum) -> tuple[str, ...]:
    difference = row.difference
    sign = "+" if difference > 0 else "-"
    return (
        row.name or "(none)",
        str(row.clips),
        f"{'~' if row.assumed else ''}{dollars(row.spent)}",
        dollars(row.under_way) if row.under_way else "",
        price(*row.estimated) if row.estimated[1] else "",
        f"{sign}{dollars(abs(difference))}" if difference else "",
    )
