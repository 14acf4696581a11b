"""Clips of takes that are not here, asked for again from the providers that made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyboard.diagnostics import Invalid
from storyboard.jobs import Job
from storyboard.ledger import Ledger
from storyboard.steps import Plan, Status, Step
from storyboard.store import Store
from storyboard.takes import is_here

if TYPE_CHECKING:
    from storyboard.remote.driver import Driver


async def fetch_missing(plan: Plan, driver: Driver | None, ledger: Ledger, store: Store) -> bool:
    """Ask providers for the clips of takes that are not here; whether one has come back.

    That costs nothing. Only this store knows how a provider is asked for them.
    The driver's connections are let go of.
    """
    jobs = [job for step in plan if (job := _job_of_missing(step, ledger))]
    if driver is not None:
        try:
            for job in jobs:
                await _fetch_again(job, driver)
        finally:
            await driver.close()
    return any(is_here(job, store) for job in jobs)


def _job_of_missing(step: Step, ledger: Ledger) -> Job | None:
    if step.status is not Status.MISSING or step.action.repeatable:
        return None
    jobs = ledger.jobs.done_for(step.kept or step.key or "")
    return next((job for job in jobs if step.output in job.outputs), None)


async def _fetch_again(job: Job, driver: Driver) -> None:
    try:
        await driver.fetch(job)
    except Invalid:
        return  # without its key it stays missing, and the plan says so
