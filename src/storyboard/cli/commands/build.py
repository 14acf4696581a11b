"""`build`: makes what is missing, and the films."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from storyboard.building import build as build_film
from storyboard.building import build_locked
from storyboard.cli.money import amount, asking
from storyboard.cli.options import CUTS, JSON, PATH, SHOTS, choices, compiled
from storyboard.project import open_project
from storyboard.unchanged import Wanted

if TYPE_CHECKING:
    from storyboard.remote.mailbox import Webhooks
    from storyboard.saved_plan import SavedPlan


@click.command()
@PATH
@choices
@JSON
@SHOTS
@CUTS
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    help="How many steps at once. [default: one a processor, and as many as each model takes]",
)
@click.option(
    "--keep-going/--fail-fast",
    default=True,
    help="After a failure, go on with what does not depend on it.",
)
@click.option(
    "--max-cost",
    callback=amount,
    metavar="USD",
    help="Build only if it costs no more than that at most.",
)
@click.option(
    "--plan",
    "reviewed",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Do what `plan --out FILE` planned, exactly, or refuse: the consent to its price.",
)
@click.option(
    "--webhook",
    metavar="URL",
    help="Where providers reach this build, to tell that a clip is done: see --listen.",
)
@click.option(
    "--listen",
    is_flag=False,
    flag_value="127.0.0.1:0",
    metavar="[HOST:PORT]",
    help="Take webhooks there. [default with --webhook: 127.0.0.1:8765; without: a free port]",
)
@click.option(
    "--locked",
    is_flag=True,
    help="Exactly what the lock says, or fail: nothing is generated, no provider is asked.",
)
@click.option(
    "--remake-missing",
    "remake",
    is_flag=True,
    help="Make takes again that the lock has and that are not here; plan and price have them then.",
)
@click.option("--yes", is_flag=True, help="Agree to the price without being asked.")
def build(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    as_json: bool,
    shots: tuple[str, ...],
    cuts: tuple[str, ...],
    jobs: int | None,
    keep_going: bool,
    max_cost: Fraction | None,
    reviewed: Path | None,
    webhook: str | None,
    listen: str | None,
    locked: bool,
    remake: bool,
    yes: bool,
) -> int:
    """Build the film: make what is missing, put the cuts together."""
    from storyboard.cli import progress
    from storyboard.cli.keeping import keep_build

    saved = None
    if reviewed:
        if profile or given or shots or cuts:
            raise click.UsageError(
                "--plan has its own choices: --profile, --var, --shot and --cut are made with `plan`."
            )
        saved, path = _reviewed(reviewed, path)
        profile, given, shots, cuts = saved.profile, {**saved.given}, saved.shots, saved.cuts
    if locked and (remake or reviewed or max_cost is not None):
        raise click.UsageError(
            "--locked generates nothing: it goes with neither --remake-missing nor --plan nor --max-cost."
        )
    film = compiled(path, profile, given, shots, cuts)
    with (
        progress.listening(as_json=as_json) as listener,
        open_project(film) as project,
    ):
        if locked:
            return build_locked(project, listener, jobs=jobs, keep_going=keep_going).exit_code
        outcome = build_film(
            project,
            listener,
            jobs=jobs,
            keep_going=keep_going,
            max_cost=max_cost,
            agree=asking(yes=yes),
            reviewed=saved,
            webhooks=_webhooks(webhook, listen),
            remake=remake,
        )
        wanted = Wanted(
            "build",
            str(path) if path else None,
            profile=profile,
            given=given,
            shots=shots,
            cuts=cuts,
            as_json=as_json,
        )
        keep_build(wanted, project, outcome)
    return outcome.exit_code


def _webhooks(url: str | None, place: str | None) -> Webhooks | None:
    """Where webhooks are taken; None if nobody asks for them."""
    if url is None and place is None:
        return None
    from urllib.parse import urlsplit

    from storyboard.remote.mailbox import Webhooks

    host, _, port = (place or "127.0.0.1:8765").rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise click.UsageError(f"--listen {place} is not of the form HOST:PORT.")
    if url is not None and (
        urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc
    ):
        raise click.UsageError(f"--webhook {url} is no address such as https://example.com/hooks.")
    return Webhooks(host.strip("[]"), int(port), url)


def _reviewed(file: Path, path: Path | None) -> tuple[SavedPlan, Path]:
    """The plan in a file, and the storyboard that it is of.

    Raises:
        Invalid: there is no such plan or storyboard, or PATH is another one.
    """
    from storyboard.diagnostics import Invalid
    from storyboard.pipeline import find_storyboard
    from storyboard.saved_plan import read_plan
    from storyboard.store import store_root

    saved = read_plan(file)
    if path is None:
        planned = store_root(Path.cwd()).parent / saved.film
        if not planned.is_file():
            raise Invalid(
                f"{file} is a plan of {saved.film}, which is not here.",
                "Build it in the repository that it was planned in, or name the storyboard.",
            )
        return saved, planned
    named = find_storyboard(path).resolve()
    if named != store_root(named.parent).parent / saved.film:
        raise Invalid(f"{file} is a plan of {saved.film}, not of {path}.")
    return saved, named
