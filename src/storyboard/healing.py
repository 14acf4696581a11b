"""heal: a shot is made again between neighbours that stay.

The shots behind it keep the very frame that they were given: it is written as
a picture into the repository, which they start with from now on, and on which
the shot itself is asked to end.
"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from storyboard.diagnostics import Invalid, did_you_mean, listed
from storyboard.excesses import excesses
from storyboard.graph import Kind, Made
from storyboard.language import yaml
from storyboard.model import Moment, Picture, Shot, ShotFrame
from storyboard.project import Project
from storyboard.provider import Model
from storyboard.providers import find_model
from storyboard.source import Node, Source
from storyboard.steps import Step
from storyboard.store import explained
from storyboard.takes import made_before

ASSETS = "assets"


@dataclass(frozen=True, slots=True)
class Change:
    """A field of a shot that is to be set: the characters `start` to `end` of a file, and what stands there then."""

    file: Path
    start: int
    end: int
    text: str
    shot: str
    line: str


@dataclass(frozen=True, slots=True)
class Healing:
    """How a shot is made again between its neighbours.

    Attributes:
        picture: where the frame goes, from the storyboard's folder.
        frame: the blob that it is.
        changes: of the storyboard's files.
    """

    picture: str
    frame: Path
    changes: tuple[Change, ...]


def heal(project: Project, shot: str) -> Healing:
    """What is to be written so that a shot can be made again and the shots behind it stay.

    Raises:
        Invalid: there is no such shot, nothing goes on from it, its model takes
            no end frame, or the fields cannot be set here.
    """
    shots: dict[str, Shot] = {}
    for cut in project.compiled.storyboard.cuts:
        for name, each in cut.shots.items():
            shots.setdefault(name, each)
    if shot not in shots:
        otherwise = f"Shots: {listed(list(shots), last='and')}."
        raise Invalid(f"There is no shot `{shot}`.", did_you_mean(shot, shots, otherwise=otherwise))
    model = find_model(shots[shot].model)
    if not shots[shot].segments or model is None or "first_last" not in model.modes:
        raise Invalid(
            f"Shot `{shot}` cannot be asked to end on a given frame.",
            "`storyboard models` lists which can take a `last_frame`.",
        )
    _require_able(shots[shot], model)
    behind = [name for name, each in shots.items() if _goes_on_from(each, shot)]
    if not behind:
        raise Invalid(
            f"No shot goes on from the end of `{shot}`: change it as you like, nothing follows it."
        )
    digests = {digest for name in behind if (digest := _given(project, name))}
    if len(digests) != 1:
        raise Invalid(
            f"The shots behind `{shot}` were not made from one frame of it, or not made yet.",
            "Build first; there is nothing to keep until then.",
        )
    (digest,) = digests
    frame = project.workshop.store.verified(digest)
    if frame is None:
        raise Invalid(
            f"The frame that was given to {listed(behind, last='and')} is not in the store.",
            "Copy .storyboard/blobs from where the film was built.",
        )
    picture = f"{ASSETS}/{shot}-end-{digest[:8]}.png"
    changes = [_set(shots[shot], "last_frame", picture, project)]
    changes += [_set(shots[name], "first_frame", picture, project) for name in behind]
    return Healing(picture, frame, tuple(changes))


def _require_able(shot: Shot, model: Model) -> None:
    """See that a shot's model can be asked for it with an end frame, as it is otherwise.

    Raises:
        Invalid: it cannot; why.
    """
    already = {excess.message for excess in excesses(shot, model)}
    for excess in excesses(replace(shot, last_frame=Picture("")), model):
        if excess.message not in already:
            raise Invalid(
                f"Shot `{shot.id}` cannot be asked to end on a given frame: {excess.message}",
                excess.help,
            )


def apply(project: Project, healing: Healing) -> None:
    """Write the picture, then the edits: comments, order and layout stay as they are.

    Raises:
        StoreError: they cannot be written; each file is the old one or the new one.
    """
    target = project.workshop.folder / healing.picture
    with explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, healing.frame)
    by_file: defaultdict[Path, list[Change]] = defaultdict(list)
    for change in healing.changes:
        by_file[change.file].append(change)
    for file, changes in by_file.items():
        with explained(file):
            text = file.read_bytes().decode("utf-8-sig")
            for change in sorted(changes, key=lambda each: each.start, reverse=True):
                text = text[: change.start] + change.text + text[change.end :]
            part = file.with_name(f".{file.name}.part")
            part.write_bytes(text.encode())
            part.chmod(file.stat().st_mode & 0o777)
            part.replace(file)


def _replace(target: Path, blob: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(blob, part)
    with part.open("rb+") as copy:
        os.fsync(copy.fileno())
    part.replace(target)


def _goes_on_from(each: Shot, shot: str) -> bool:
    source = each.first_frame
    return isinstance(source, ShotFrame) and source.shot == shot and source.at is Moment.HAND_OVER


def _given(project: Project, shot: str) -> str | None:
    """The digest of the first frame that a shot was made from last."""
    workshop = project.workshop
    last = workshop.ledger.last(workshop.lane)
    for step in _first_clips(project, shot):
        action = step.action
        before = made_before(
            action, last.get(action.id), workshop.lane.profile, workshop.lock.lock, workshop.ledger
        )
        inputs = before.request.get("inputs") if before else None
        given = inputs.get("first_frame") if isinstance(inputs, Mapping) else None
        if isinstance(given, Mapping) and isinstance(given.get("digest"), str):
            return str(given["digest"])
    return None


def _first_clips(project: Project, shot: str) -> Iterator[Step]:
    for step in project.plan():
        action = step.action
        is_first = action.segment in {None, 1} and isinstance(
            action.inputs.get("first_frame"), Made
        )
        if action.kind is Kind.GENERATE and action.shot == shot and is_first:
            yield step


def _set(shot: Shot, name: str, value: str, project: Project) -> Change:
    """The change that sets a field where a shot is written."""
    source = shot.at.source
    node = _mapping_at(source, shot)
    ids = node.items.get("id") if node else None
    if node is None or ids is None or ids.text != shot.id:
        line = f"{name}: {value}"
        raise Invalid(
            f"Shot `{shot.id}` is made by a loop or a template, at {source.name}:{shot.at.begins[0]}:"
            f" `{line}` cannot be written for it alone.",
            "Write the shot out by itself first.",
        )
    folder = project.workshop.folder
    file = Path(source.name) if Path(source.name).is_absolute() else _found(folder, source.name)
    there = node.items.get(name)
    line = f"{name}: {value}"
    if there is not None:
        return Change(file, there.span.start, there.span.end, value, shot.id, line)
    text, end = source.text, ids.span.end
    if text[node.span.start] == "{":
        return Change(file, end, end, f", {line}", shot.id, line)
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop - (text[stop - 1] == "\r")
    newline = "\r\n" if text[stop : stop + 2] == "\r\n" else "\n"
    key = ids.key or ids.span
    indent = " " * (key.begins[1] - 1)
    return Change(file, stop, stop, f"{newline}{indent}{line}", shot.id, line)


def _mapping_at(source: Source, shot: Shot) -> Node | None:
    """The mapping that a shot is written as."""
    root, _ = yaml.read(source)
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop()
        ids = node.items.get("id")
        if ids is not None and ids.text == shot.id and _within(node, shot):
            return node
        waiting += [*node.items.values(), *node.elements]
    return None


def _within(node: Node, shot: Shot) -> bool:
    return node.span.start <= shot.at.start <= node.span.end


def _found(folder: Path, name: str) -> Path:
    """A source's file: messages call it as the user would type it, from here or from the storyboard."""
    return Path(name) if Path(name).is_file() else folder / name
