"""expand: from the document to the storyboard: no templates, loops or vars, every shot whole."""

from __future__ import annotations

from collections.abc import Mapping

from storyboard.diagnostics import Diagnostic
from storyboard.language.cuts import Cuts
from storyboard.language.fields import Fields
from storyboard.language.film import Film, Films
from storyboard.language.layers import Layers
from storyboard.language.problems import Problems
from storyboard.language.scenes import Scenes
from storyboard.language.scope import Renderer
from storyboard.language.templates import Templates
from storyboard.model import Storyboard
from storyboard.source import Document, Node

ONLY_SCENE = "main"
"""The id of the scene that top-level `shots` make."""
_PERHAPS_UNUSED = ("vars", "templates", "profiles", "defaults")


def expand(
    document: Document, profile: str | None = None, given: Mapping[str, str] | None = None
) -> tuple[Storyboard | None, tuple[Diagnostic, ...]]:
    """Expand a document for one profile and one set of values.

    Args:
        document: as `load` gives it.
        profile: the name of one of its profiles.
        given: the values of `--var`, as YAML, by name.

    Returns:
        The storyboard, and every problem. What is wrong is left out of the
        storyboard, so that the rest can be checked; None when nothing is left.
    """
    problems = Problems()
    renderer = Renderer(problems)
    film = Films(problems).film(document, renderer, profile, given or {})
    if film is None:
        return None, problems.all()
    templates = Templates(problems, renderer, film.templates)
    layers = Layers(problems, renderer, templates, film.defaults, film.override)
    scenes = Scenes(problems, renderer, layers)
    cuts = Cuts(problems, renderer, film, scenes).expand(
        document, _scenes(document, film, problems)
    )
    templates.check_all()
    for root in (document.root, *document.used):
        for name in _PERHAPS_UNUSED:
            if (node := root.get(name)) is not None:
                renderer.check_written(node)
    storyboard = Storyboard(
        name=document.path.stem,
        title=film.title,
        size=film.size,
        fps=film.fps,
        cuts=cuts,
        profile=film.profile,
        budget=film.budget,
        voices=film.voices,
        title_styles=film.title_styles,
    )
    return storyboard, problems.all()


def _scenes(document: Document, film: Film, problems: Problems) -> list[Node]:
    """The scenes as they were written: those of other files in place, top-level shots as one."""
    if "scenes" not in film.entries:
        shots = film.entries.get("shots")
        if shots is None:
            return []
        if not isinstance(shots.value, list):
            help_ = 'Begin each shot with `- `: `- {id: a, prompt: "…"}`.'
            Fields(problems).refuse(shots, "shots", "a list of shots", help_)
            return []
        name = Node(ONLY_SCENE, shots.place, text=ONLY_SCENE)
        return [Node({"id": name, "shots": shots}, shots.span)]
    node = film.entries["scenes"]
    if not isinstance(node.value, list) or not node.value:
        Fields(problems).refuse(node, "scenes", "a list of scenes", "Begin each with `- id:`.")
        return []
    scenes = []
    for scene in node.value:
        file = scene.get("file")
        if file is None:
            scenes.append(scene)
        elif (file.text or "") in document.scenes:
            scenes.append(document.scenes[file.text or ""])
    return scenes
