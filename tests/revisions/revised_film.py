"""A film in a git repository, and the command run on it in this very process."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from film_in_git import FilmInGit
from ran import Document
from storyboard.asked import asked
from storyboard.exchange import Intent, Operation
from storyboard.graph import Kind
from storyboard.jobs import Wanted
from storyboard.pipeline import Choices, compile_film
from storyboard.project import Project, open_project
from storyboard.provider import Request
from storyboard.steps import Step

PAID = """\
version: 1
title: Harbour
size: 160x90
fps: 12
defaults: {duration: 5, model: runware/kling-2.6-pro}
shots:
  - {id: pier, prompt: "a pier at dawn"}
  - {id: ferry, prompt: "a ferry leaves"}
  - {id: wake, prompt: "gulls over the wake"}
  - {id: town, prompt: "a town by night", chain: false}
"""
"""Three shots in a chain, and one on its own, all of a model that costs money."""


class Film(FilmInGit):
    """A git repository with a storyboard in it, of which nothing is built."""

    def __init__(self, folder: Path, storyboard: str = PAID) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        self.write(storyboard)

    def picture(self, name: str, color: str) -> None:
        """Write a small picture."""
        from PIL import Image

        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 9), color).save(self.folder / name)

    def commit(self) -> str:
        """Commit everything; the commit's id."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a change")
        return self.git("rev-parse", "HEAD")

    def document(self, *arguments: str) -> Document:
        """What a command prints with `--json`."""
        ran = self.run(*arguments, "--json")
        assert ran.code == 0, ran.err
        assert ran.document["version"] == 1
        return ran.document

    def make(
        self, *shots: str, charged: Fraction | None = None, profile: str | None = None
    ) -> None:
        """Have clips of some shots, or of all, and the frames taken of them, as if they were built.

        A clip is the text of its key, and a frame a text that depends on the
        clip's prompt alone up to a `|`: a change of words behind that ends there.
        """
        compiled = compile_film(self.folder / "storyboard.yaml", Choices(profile=profile))
        with open_project(compiled) as project:
            keys: dict[str, str] = {}
            outputs: dict[str, str] = {}
            looks: dict[str, str] = {}
            for step in project.plan():
                action = step.action
                key = action.key(outputs)
                if action.kind not in {Kind.GENERATE, Kind.FRAME}:
                    continue
                if key is None or (shots and action.shot not in shots):
                    continue
                keys[action.id] = key
                if isinstance(action.work, Request):
                    looks[action.id] = action.work.prompts[0].text.partition("|")[0]
                said = key if action.kind is Kind.GENERATE else looks[action.depends_on[0]]
                output = project.workshop.find(action, key, outputs)
                if output is None:
                    output = _put(project, f"{action.kind}: {said}", action.kind)
                    if action.kind is Kind.GENERATE and action.price[1]:
                        _paid(project, step, key, (output, outputs), charged)
                outputs[action.id] = output
                project.workshop.books.record(action, key, outputs)
            project.workshop.ledger.remember(project.workshop.lane, keys)


def _put(project: Project, text: str, kind: Kind) -> str:
    with project.workshop.store.scratch() as scratch:
        made = scratch / ("clip.mp4" if kind is Kind.GENERATE else "frame.png")
        made.write_text(text)
        return project.workshop.store.put(made)


def _paid(
    project: Project,
    step: Step,
    key: str,
    made: tuple[str, dict[str, str]],
    charged: Fraction | None,
) -> None:
    """The job of a clip, as the driver writes it down."""
    output, outputs = made
    jobs, request = project.workshop.ledger.jobs, step.action.work
    assert isinstance(request, Request)
    intent = Intent(
        key=key, request=request, nonce=key[:32], made_at=datetime.now(UTC),
        asked=asked(step.action, outputs),
    )  # fmt: skip
    job = jobs.intend(
        intent,
        step=step.action.id,
        lane=project.workshop.lane,
        estimated=step.action.price,
        wanted=Wanted(shot=step.action.shot or ""),
    )
    name = f"job-{step.action.shot}-{key[:4]}"
    operation = Operation(provider=job.provider, model=request.model, id=name)
    jobs.done(jobs.accepted(jobs.sending(job, intent), operation), (output,), charged)


def by(name: str, entries: Iterable[Document]) -> dict[str, Document]:
    """Entries of a document by one of their fields."""
    return {entry[name]: entry for entry in entries}
