"""Nothing is paid for that was not agreed to, and never more than the limits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from kiln import KilnServer
from kiln_film import KilnFilm, apart, chain

from storyboard.consent import Bill, Purse, bill_of, consent_to
from storyboard.diagnostics import Refused
from storyboard.jobs import Spending
from storyboard.steps import Status

NOTHING = Spending(Fraction(0), Fraction(0))


def consent(film: KilnFilm, so_far: Spending = NOTHING, **limits: Fraction | None) -> Purse:
    planned = film.plan(chain("a stair", "a door"))
    given: dict[str, Fraction | None] = {"budget": None, "max_cost": None, **limits}
    return consent_to(planned, bill_of(planned, so_far), agree=lambda _: True, **given)


def test_the_user_sees_the_bill_and_may_say_no(film: KilnFilm) -> None:
    planned = film.plan(chain("a stair", "a door"))
    bills: list[Bill] = []

    def no(bill: Bill) -> bool:
        bills.append(bill)
        return False

    with pytest.raises(Refused):
        consent_to(planned, bill_of(planned, NOTHING), budget=None, max_cost=None, agree=no)
    assert [(bill.clips, bill.low, bill.high) for bill in bills] == [(2, Fraction("0.1"), Fraction("0.2"))]  # fmt: skip


def test_what_costs_nothing_needs_no_consent(film: KilnFilm) -> None:
    shots = apart("a stair")
    film.build(shots)
    planned = film.plan(shots)

    consent_to(
        planned, bill_of(planned, NOTHING), budget=Fraction(0), max_cost=Fraction(0),
        agree=lambda _: pytest.fail("asked"),
    )  # fmt: skip


def test_a_build_may_not_cost_more_than_allowed(film: KilnFilm) -> None:
    consent(film, max_cost=Fraction("0.20"))
    with pytest.raises(Refused, match=r"may cost \$0.20, more than the \$0.19 of --max-cost"):
        consent(film, max_cost=Fraction("0.19"))


def test_a_film_may_not_cost_more_than_its_budget(film: KilnFilm) -> None:
    so_far = Spending(spent=Fraction("0.30"), pending=Fraction("0.10"))

    consent(film, so_far, budget=Fraction("0.60"))
    with pytest.raises(Refused, match=r"there is \$0.10 left: \$0.30 are spent, \$0.10 under way"):
        consent(film, so_far, budget=Fraction("0.50"))


def test_a_purse_is_for_what_was_agreed_to() -> None:
    purse = Purse(steps=frozenset({"generate:a"}), left=Fraction(1))

    purse.take("generate:a", "k1", Fraction("0.6"))
    with pytest.raises(Refused, match="was not agreed to"):
        purse.take("generate:b", "k2", Fraction("0.1"))
    with pytest.raises(Refused, match=r"\$0.40 are left"):
        purse.take("generate:a", "k3", Fraction("0.6"))
    purse.settle("k1", Fraction("0.1"))  # it cost less than estimated
    purse.take("generate:a", "k3", Fraction("0.6"))


def test_a_damaged_clip_is_not_paid_for_again_without_consent(
    film: KilnFilm, server: KilnServer
) -> None:
    built = film.build(apart("a stair"))
    clip = film.store.find(built.takes.outputs["generate:s1"])
    assert clip is not None
    clip.chmod(0o644)
    clip.write_bytes(b"rotten")
    server.jobs.clear()  # the provider has it no longer

    again = film.build(chain("a stair"))  # the plan sees the file, not its bytes

    assert again.takes.refused == ("generate:s1",)
    assert "was not agreed to" in again.failures["generate:s1"].message
    assert server.submits == 1
    third = film.build(chain("a stair"))  # now the plan knows
    assert third.plan.steps[0].status is Status.MISSING
    assert third.takes.blocked == ("frame:s1",)
    assert server.submits == 1
    made_again = film.build(chain("a stair"), remake=True)  # and with that it has its price
    assert made_again.plan.cost_usd == (Fraction("0.1"), Fraction("0.1"))
    assert made_again.takes.complete


def test_the_ledger_knows_what_a_film_has_cost(film: KilnFilm, server: KilnServer) -> None:
    from storyboard.ledger import Ledger

    server.faults["submit"] = ["ok", 422]
    film.build(apart("a stair", "a door"), jobs=1)

    with Ledger(film.store.root / "ledger.sqlite3") as ledger:
        assert ledger.jobs.spending("storyboard.yaml") == Spending(Fraction("0.1"), Fraction(0))
        assert ledger.jobs.spending("another.yaml") == NOTHING
