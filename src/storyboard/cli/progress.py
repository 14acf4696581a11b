"""A build as it happens: JSON lines, live lines at a terminal, plain lines elsewhere."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from storyboard.cli.text import say
from storyboard.events import (
    ChainMeasured,
    CutDone,
    Event,
    JoinMeasured,
    Listener,
    Progress,
    ProviderUnreached,
    StepDamaged,
    StepDone,
    StepFailed,
    StepFellBack,
    StepStarted,
    Submitted,
    Summary,
)
from storyboard.graph import Action, Kind
from storyboard.job_events import JobCollected, JobLeft, WebhookIgnored
from storyboard.source import Plain
from storyboard.terminal import coloured, nothing_to_do, seen_from_here

if TYPE_CHECKING:
    from rich.text import Text


@contextmanager
def listening(*, as_json: bool) -> Iterator[Listener]:
    """What tells the user of a build's events, for as long as it runs."""
    if as_json:
        yield _print_line
    elif sys.stderr.isatty() and sys.stdout.isatty():
        with _Live() as live:
            yield live.hear
    else:
        yield _Plain().hear


def _print_line(event: Event) -> None:
    click.echo(json.dumps(event.json(), ensure_ascii=False))
    sys.stdout.flush()


class _Plain:
    """A line for each thing that ends."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}
        self._worked = False

    def hear(self, event: Event) -> None:
        match event:
            case StepStarted(action):
                self._worked = True
                self._began[action.id] = time.monotonic()
            case StepDone(action, _, reused=False) if action.kind in {Kind.GENERATE, Kind.CUT}:
                took = time.monotonic() - self._began.get(action.id, time.monotonic())
                self._say("done", "green", f"{_what(action)}  {took:.1f} s")
            case Submitted() | StepFellBack() | StepDamaged() | ProviderUnreached():
                self._on_the_way(event)
            case StepFailed():
                self._failed(event)
            case JobCollected() | JobLeft() | WebhookIgnored():
                self._leftover(event)
            case CutDone(_, path, loudness):
                self._worked = True
                self._say("film", "green", seen_from_here(str(path)) + _heard(loudness))
            case JoinMeasured() | ChainMeasured():
                self._worth_a_look(event)
            case Summary(interrupted=False) if not self._worked:
                for line in nothing_to_do(event.cuts.values()):
                    say(line)
            case Summary():
                self._say(*_verdict(event))
            case _:
                pass

    def _failed(self, event: StepFailed) -> None:
        self._worked = True
        word, color = ("unknown", "yellow") if event.unknown else ("failed", "red")
        self._say(word, color, f"{_name(event.action)}: {event.message}")
        if event.help:
            self._say("", None, f"help: {event.help}")

    def _worth_a_look(self, event: JoinMeasured | ChainMeasured) -> None:
        for warning in event.warnings:
            match event:
                case JoinMeasured(figures={"before": before, "after": after, **more}):
                    at = f", {more['timecode']}" if "timecode" in more else ""
                    self._say("join", "yellow", f"{before} → {after}{at}: {warning}")
                case ChainMeasured(figures={"shots": [first, *_, last]}):
                    self._say("chain", "yellow", f"{first} … {last}: {warning}")

    def _on_the_way(
        self, event: Submitted | StepFellBack | StepDamaged | ProviderUnreached
    ) -> None:
        """What happens to a step before it ends."""
        name = _name(event.action)
        match event:
            case Submitted(_, provider, job, _, found_again):
                word, again = ("found", " again") if found_again else ("sent", "")
                self._say(word, "cyan", f"{name}  {provider} job {job}{again}")
            case StepFellBack(_, model, why):
                self._say("refused", "yellow", f"{name}: {why}; {model} is asked instead")
            case ProviderUnreached(_, provider, why):
                self._say("waiting", "yellow", f"{name}: {provider} does not answer: {why}")
                later = "its job is asked after again; Ctrl-C leaves it to the next build"
                self._say("", None, later)
            case StepDamaged():
                self._say("damaged", "yellow", f"{name}: set aside, to be made again")

    def _leftover(self, event: JobCollected | JobLeft | WebhookIgnored) -> None:
        """A job that nothing asks for now, or a webhook that is not believed."""
        self._worked = True
        if isinstance(event, WebhookIgnored):
            self._say("warning", "yellow", f"{event.provider}: {event.why}: it is ignored")
            return
        what = "a retake" if event.retake else "which nothing asks for now"
        about = f"{event.shot}: job {event.job} at {event.provider}, {what}"
        match event:
            case JobCollected(retake=True):
                self._say("kept", "green", f"{about}: its take is used now")
            case JobCollected():
                self._say("kept", "green", f"{about}: its clip is in the store")
            case JobLeft(why=why):
                self._say("left", "yellow", f"{about}: {why}")

    def _say(self, word: str, color: str | None, text: str) -> None:
        say(f"{click.style(f'{word:<8}', fg=color, bold=True)} {text}".rstrip())


class _Live(_Plain):
    """The same, with a line for each step under way, and what is done of it, below."""

    def __init__(self) -> None:
        super().__init__()
        self._under_way: dict[str, tuple[Action, float]] = {}

    def __enter__(self) -> _Live:
        from rich.console import Console
        from rich.live import Live

        self._coloured = coloured(sys.stderr)
        console = Console(stderr=True, no_color=not self._coloured, highlight=False)
        self._live = Live(
            console=console,
            get_renderable=self._lines,
            transient=True,
            refresh_per_second=8,
            redirect_stderr=False,
        )
        self._console = console
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def hear(self, event: Event) -> None:
        # Not sooner: until something happens the user may be asked, and often nothing does.
        if not (self._live.is_started or isinstance(event, Summary)):
            self._live.start()
        match event:
            case StepStarted(action):
                self._under_way[action.id] = (action, 0.0)
            case Progress(action, float(done)):
                self._under_way[action.id] = (action, done)
            case StepDone(action) | StepFailed(action):
                self._under_way.pop(action.id, None)
            case _:
                pass
        super().hear(event)

    def _say(self, word: str, color: str | None, text: str) -> None:
        from rich.text import Text

        style = f"bold {color}" if color and self._coloured else ""
        self._console.print(Text.assemble((f"{word:<8}", style), f" {text}"), soft_wrap=True)

    def _lines(self) -> Text:
        from rich.text import Text

        now = time.monotonic()
        lines = [
            f"{_bar(done)} {_what(action)}  {now - self._began[action.id]:.0f} s"
            for action, done in self._under_way.values()
            if action.kind in {Kind.GENERATE, Kind.CUT}
        ]
        return Text("\n".join(lines))


def _bar(done: float) -> str:
    full = round(done * 8)
    return "━" * full + "·" * (8 - full)


def _name(action: Action) -> str:
    kind, _, rest = action.id.partition(":")
    return rest if kind == Kind.GENERATE else action.id


def _what(action: Action) -> str:
    """A step's name and what does it, in columns unless a name is long."""
    tool = "still" if action.kind is Kind.POSTER else "stitch"
    return f"{_name(action):<15}  {action.model or tool:<14}"


def _verdict(event: Summary) -> tuple[str, str, str]:
    """A word for how the build ended, its colour, and the build in numbers."""
    said = [f"{event.generated} generated"]
    if event.interrupted:
        kept = "what was finished is kept, and so are jobs under way: the next build goes on from there"
        return "stopped", "yellow", f"{said[0]}; {kept}"
    if event.fresh:
        said.append(f"{event.fresh} fresh")
    if event.failed:
        said.append(f"{event.failed} failed")
    if event.unknown:
        said.append(f"{event.unknown} unknown")
    if event.cost_usd:
        said.append(f"${event.cost_usd:.2f}")
    if event.failed:
        return "failed", "red", ", ".join(said)
    if event.unknown:
        return "unknown", "yellow", ", ".join(said)
    return "built", "green", ", ".join(said)


def _heard(loudness: Mapping[str, Plain]) -> str:
    """How loud a film is, in short; nothing of a silent one."""
    if loudness.get("integrated_lufs") is None:
        return ""
    return f"  {loudness['integrated_lufs']} LUFS, peak {loudness['true_peak_dbtp']} dBTP"
