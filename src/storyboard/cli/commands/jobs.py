"""`jobs`: the jobs of providers, and the verbs that settle them by hand."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from storyboard.cli.money import amount
from storyboard.cli.options import FILM, JSON
from storyboard.cli.text import print_json, say

if TYPE_CHECKING:
    from storyboard.jobs import Job

JOB = click.argument("number", type=click.IntRange(1), metavar="JOB")
YES = click.option("--yes", is_flag=True, help="Agree without being asked.")


@click.group(invoke_without_command=True)
@FILM
@click.option("--all", "everything", is_flag=True, help="Those that have ended, too.")
@JSON
@click.pass_context
def jobs(context: click.Context, path: Path | None, everything: bool, as_json: bool) -> None:
    """List what was asked of providers for money, and settle what needs a decision."""
    from storyboard.pipeline import find_storyboard

    context.obj = film = find_storyboard(path)
    if context.invoked_subcommand:
        return
    from storyboard.cli import joblist
    from storyboard.settling import settling

    with settling(film) as desk:
        known = desk.ledger.jobs.all()
        shown = known if everything else joblist.in_question(known)
        if as_json:
            print_json(joblist.document(shown, desk, joblist.now()))
            return
        if shown:
            click.echo(joblist.table(shown, desk, joblist.now()))
    ended = len(known) - len(shown)
    if not shown:
        say("No job is under way, or in question.")
    if ended:
        say(f"{ended} that ended: `storyboard jobs --all` lists them.")


@jobs.command()
@JOB
@click.argument("provider_id", metavar="PROVIDER_ID")
@click.pass_obj
def adopt(film: Path, number: int, provider_id: str) -> None:
    """Go on with JOB under the id that the provider's console shows for it."""
    from storyboard.exchange import JobFailed, Running
    from storyboard.settling import settling

    with settling(film) as desk:
        match desk.adopt(number, provider_id):
            case JobFailed(words=words):
                how = f"the provider says that it failed: {words}. The next build records that"
            case Running():
                how = (
                    "it has not ended yet, as far as the provider says; the next build collects it"
                )
            case _:
                how = "it is finished; the next build collects its clip"
    say(f"Job {number} is {provider_id}: {how}.")


@jobs.command()
@JOB
@YES
@click.pass_obj
def resubmit(film: Path, number: int, yes: bool) -> int:
    """Have the next build ask for JOB's clip anew, at the risk of paying twice."""
    from storyboard.consent import dollars
    from storyboard.settling import settling

    def agree(job: Job) -> bool:
        return _agreed(
            f"Nobody knows what became of job {job.id}: if it exists, up to"
            f" {dollars(job.estimated[1])} are charged for it, and as much again for the new one.",
            yes=yes,
        )

    with settling(film) as desk:
        new = desk.resubmit(number, agree)
    if new is None:
        say("Nothing was changed.")
        return 3
    say(
        f"Job {new.id} takes its place: the next build of {new.lane.film} sends it, with its price."
    )
    return 0


@jobs.command()
@JOB
@click.option(
    "--charged",
    callback=amount,
    metavar="USD",
    help="What it cost, as the provider's console says.",
)
@YES
@click.pass_obj
def forget(film: Path, number: int, charged: Fraction | None, yes: bool) -> int:
    """Give JOB up: it is not asked after any more, and its clip is not collected."""
    from storyboard.jobs import State
    from storyboard.settling import settling

    with settling(film) as desk:
        job = desk.job(number)
        running = f"{job.provider} has job {number}: its clip will be charged, and not collected."
        if job.state is State.ACCEPTED and not _agreed(running, yes=yes):
            say("Nothing was changed.")
            return 3
        desk.forget(number, charged)
    cost = "" if charged is not None else "; what it may have cost is not counted: see --charged"
    say(f"Job {number} is forgotten{cost}.")
    return 0


@jobs.command()
@JOB
@click.pass_obj
def cancel(film: Path, number: int) -> int:
    """Ask the provider to end JOB, where it can be asked that."""
    from storyboard.settling import settling

    with settling(film) as desk:
        ended = desk.cancel(number)
        over = not desk.job(number).pending
    match ended:
        case True if over:
            say(f"Job {number} is cancelled.")
        case True:
            say(f"Job {number} is to be ended; the next build records what became of it.")
        case False:
            say(f"It is too late to cancel job {number}: the next build collects its clip.")
        case None:
            say(f"The provider does not say whether it cancels job {number}; the next build asks.")
    return 0 if ended else 1


def _agreed(question: str, *, yes: bool) -> bool:
    """Whether the user agrees, asked at a terminal.

    Raises:
        Refused: nobody can be asked.
    """
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        from storyboard.diagnostics import Refused

        raise Refused(question, "Say --yes if that is meant.")
    say(question)
    return click.confirm("Go on?", default=False, err=True)
