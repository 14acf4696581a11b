"""The passes from the files to the graph of what is to be made, in order.

compiled = compile_film(Path("storyboard.yaml"), Choices())
with open_project(compiled) as project:  # storyboard.project
    project.plan()
    build(project, listener)  # storyboard.building
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from storyboard import providers
from storyboard.assets import Assets
from storyboard.collector import paused
from storyboard.diagnostics import Diagnostic, Invalid, did_you_mean, errors_in, listed
from storyboard.graph import ActionGraph, Kind
from storyboard.language.problems import told
from storyboard.media import versions
from storyboard.model import Storyboard
from storyboard.passes.check import check
from storyboard.passes.expand import expand
from storyboard.passes.load import load, read_with
from storyboard.passes.lower import Versions, lower
from storyboard.passes.survey import named_files, survey
from storyboard.piecework import PieceVersions
from storyboard.sightings import Sightings
from storyboard.whereabouts import DEFAULT_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a command was asked for, beside the storyboard.

    Attributes:
        profile: the profile's name.
        given: `--var`s: values as YAML, by name.
        shots: only these shots and what they need; all by default.
        cuts: only these cuts; all by default.
    """

    profile: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    shots: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A storyboard without errors, and the graph that it asks for.

    Attributes:
        sightings: the files that it was made of, as they were.
    """

    path: Path
    storyboard: Storyboard
    assets: Assets
    graph: ActionGraph
    warnings: tuple[Diagnostic, ...]
    sightings: Sightings = field(default_factory=Sightings)


def find_storyboard(path: Path | None) -> Path:
    """The storyboard file that a PATH means.

    Args:
        path: a file, or a folder that holds `storyboard.yaml`; None looks in
            the working directory, then upwards, as git does.

    Raises:
        Invalid: there is none.
    """
    if path is None:
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / DEFAULT_NAME).is_file():
                return folder / DEFAULT_NAME
        raise Invalid(
            f"There is no {DEFAULT_NAME} here, nor in a folder above.",
            "Name the storyboard: `storyboard check film/storyboard.yaml`.",
        )
    if path.is_dir():
        if (path / DEFAULT_NAME).is_file():
            return path / DEFAULT_NAME
        raise Invalid(f"There is no {DEFAULT_NAME} in {path}.")
    if not path.exists():
        raise Invalid(
            f"There is no file {path}.", "Check the path, or change into the storyboard's folder."
        )
    return path


def diagnose(
    path: Path, choices: Choices, sightings: Sightings | None = None
) -> tuple[tuple[Diagnostic, ...], Storyboard | None, Assets]:
    """Every problem of a storyboard, in order; and the storyboard, as far as it can be read."""
    with paused():
        return _diagnosed(path, choices, sightings or Sightings())


def _diagnosed(
    path: Path, choices: Choices, sightings: Sightings
) -> tuple[tuple[Diagnostic, ...], Storyboard | None, Assets]:
    document, problems = load(path, sightings)
    if document is None:
        return problems, None, {}
    storyboard, found = expand(document, choices.profile, choices.given)
    problems += found
    assets: Assets = {}
    if storyboard is not None:
        assets = survey(storyboard, path.parent, sightings)
        problems += check(storyboard, assets, providers.find_model, providers.model_names)
    return told(problems, incomplete=document.incomplete), storyboard, assets


def files_of(path: Path, choices: Choices) -> Iterator[str]:
    """Every file that a storyboard names, as it writes their paths.

    First those that are read with it. Whoever has put them in their places may
    go on: only with them is it known which others it names.
    """
    yield from read_with(path)
    with paused():
        document, _ = load(path)
        if document is None:
            return
        storyboard, _ = expand(document, choices.profile, choices.given)
    if storyboard is not None:
        yield from (name for name, _ in named_files(storyboard))


def compile_film(path: Path, choices: Choices, sightings: Sightings | None = None) -> Compiled:
    """A storyboard's graph.

    Args:
        path: the storyboard file.
        choices: what is wanted of it.
        sightings: notes the files that are read, and knows what earlier ones held.

    Raises:
        Invalid: with all its errors.
    """
    sightings = sightings or Sightings()
    problems, storyboard, assets = diagnose(path, choices, sightings)
    if storyboard is None or errors_in(problems):
        raise Invalid("The storyboard has errors.", diagnostics=problems)
    storyboard = _chosen_cuts(storyboard, choices.cuts)
    with paused():
        graph = lower(
            storyboard,
            assets,
            providers.find_model,
            Versions(
                versions.FRAME,
                PieceVersions(versions.PICTURE, versions.SOUND, versions.CUT, versions.FORMAT),
            ),
        )
    if choices.shots:
        graph = _only_shots(graph, storyboard, choices.shots)
    return Compiled(
        path=path,
        storyboard=storyboard,
        assets=assets,
        graph=graph,
        warnings=problems,
        sightings=sightings,
    )


def _chosen_cuts(storyboard: Storyboard, wanted: Sequence[str]) -> Storyboard:
    known = [cut.id for cut in storyboard.cuts]
    for name in wanted:
        if name not in known:
            raise Invalid(
                f"There is no cut `{name}`.",
                did_you_mean(name, known, otherwise=f"Cuts: {listed(known, last='and')}."),
            )
    if not wanted:
        return storyboard
    return replace(storyboard, cuts=tuple(cut for cut in storyboard.cuts if cut.id in wanted))


def require_shot(storyboard: Storyboard, name: str) -> None:
    """See that a storyboard has a shot.

    Raises:
        Invalid: it has none of that name; said is which it may be.
    """
    if any(name in cut.shots for cut in storyboard.cuts):
        return
    known = list(dict.fromkeys(name for cut in storyboard.cuts for name in cut.shots))
    otherwise = f"Shots: {listed(known, last='and')}."
    raise Invalid(f"There is no shot `{name}`.", did_you_mean(name, known, otherwise=otherwise))


def _only_shots(graph: ActionGraph, storyboard: Storyboard, wanted: Sequence[str]) -> ActionGraph:
    for name in wanted:
        require_shot(storyboard, name)
    return graph.needed_for(
        action.id for action in graph if action.shot in wanted and action.kind is Kind.GENERATE
    )
