"""Write docs/templates.md: every template of the standard library, and a preview of each.

Usage: python docs/make_templates.py [--check]

The previews are drawn by the model `animatic`: the first, the middle and the
last picture of the example. With --check nothing is drawn or written; the exit
code is 1 when the page is not what this would write, or lacks a picture.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import av
from PIL import Image

from storyboard.building import build
from storyboard.cli.templates import Listed, Param, at_hand, block, use
from storyboard.model import Shot
from storyboard.passes.expand import expand
from storyboard.passes.load import load
from storyboard.pipeline import Choices, compile_film
from storyboard.project import open_project

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "templates.md"
IMAGES = DOCS / "images" / "templates"
TILE, GAP, PAPER = (320, 180), 4, "#ffffff"
FPS = 12

GROUPS = {
    "Places": "establishing wide drone-reveal top-down time-lapse",
    "People": "medium closeup two-shot over-the-shoulder speaking reaction pov silhouette low-angle",
    "Things": "insert extreme-closeup cutaway product-turntable",
    "Movement": "push-in pull-back pan whip-pan tilt-up tracking crane-up orbit dolly-zoom handheld",
    "Time, focus and cuts": "slow-motion rack-focus match-cut title-card",
}
INTRODUCTION = """# The standard library

Shots that a director reaches for, as templates: `template: std/closeup` needs no declaration. What the shot itself says wins over its template, so that any field can be changed where it is used; `storyboard templates std/closeup` shows one in the terminal.

A prompt names the framing first, then who does what and where, then the light; the movement of the camera is its last sentence. What the whole film has in common, its film stock, its colours, its period, belongs in `style`. A shot made from a template is chained to the one before it as any other is: give a new set-up `chain: false`, or a `first_frame`. Only `std/match-cut` starts fresh by itself.

```yaml
shots:
  - {id: coast, template: std/establishing, with: {place: a lighthouse on a rocky coast}}
  - id: keeper
    template: std/closeup
    with: {subject: an old keeper, light: lantern light}
    chain: false
    duration: 3
```

A text that has been released never changes, since every clip made from it would be stale: a better wording gets a new name. Each example below gives all of its template's params; the pictures are its first, middle and last as `animatic` draws them.
"""


def library() -> Mapping[str, Listed]:
    """The templates, by the name behind `std/`, in the order of the groups."""
    found, _ = at_hand(None)
    named = {name.removeprefix("std/"): template for name, template in found.items()}
    ordered = " ".join(GROUPS.values()).split()
    if set(ordered) != set(named) or len(ordered) != len(named):
        odd = ", ".join(sorted(set(ordered) ^ set(named)))
        raise SystemExit(f"GROUPS in {Path(__file__).name} and templates/std differ: {odd}.")
    return {name: named[name] for name in ordered}


def examples(folder: Path) -> Path:
    """A storyboard of every template's example, each a fresh shot."""
    shots = [
        f"{block(use(template, whole=True))}\n  chain: false" for template in library().values()
    ]
    path = folder / "storyboard.yaml"
    film = f"version: 1\nsize: 640x360\nfps: {FPS}\nshots:\n" + "\n".join(shots) + "\n"
    path.write_text(film, encoding="utf-8")
    return path


def page() -> str:
    """The whole page."""
    with tempfile.TemporaryDirectory() as folder:
        document, _ = load(examples(Path(folder)))
        storyboard = expand(document)[0] if document else None
    if storyboard is None:
        raise SystemExit("The examples cannot be read: run the tests of the library.")
    shots = storyboard.cuts[0].shots
    templates = library()
    parts = ["<!-- Written by docs/make_templates.py from templates/std. -->\n", INTRODUCTION]
    for group, names in GROUPS.items():
        links = " · ".join(f"[{name}](#std{name})" for name in names.split())
        parts.append(f"* **{group}**: {links}")
    for group, names in GROUPS.items():
        parts.append(f"\n## {group}")
        parts.extend("\n".join(section(templates[name], shots[name])) for name in names.split())
    return "\n".join(parts) + "\n"


def section(template: Listed, shot: Shot) -> Iterator[str]:
    """One template: what it is for, its params, an example, what that asks for, its preview."""
    name = template.name.removeprefix("std/")
    yield f"\n### {template.name}\n\n{template.description}\n"
    picture = preview(name).relative_to(DOCS).as_posix()
    yield f"![{name}: the first, the middle and the last picture]({picture})\n"
    yield "| Param | Takes | Default | Meaning |\n|---|---|---|---|"
    yield from map(row, template.params)
    yield f"\n```yaml\n{block(use(template, whole=True))}\n```\n"
    if shot.segments:
        yield f"> {shot.segments[0].prompt}"
    else:
        yield f"It lasts {float(shot.duration or 0):g} seconds, and nothing is generated for it."


def row(param: Param) -> str:
    """A param as a row of a table."""
    choices = param.kind.split(" | ")
    takes = param.kind if len(choices) == 1 else " or ".join(f"`{choice}`" for choice in choices)
    default = "required" if param.default is None else f"`{param.default}`"
    return f"| `{param.name}` | {takes} | {default} | {param.meaning} |"


def preview(name: str) -> Path:
    """Where a template's picture is."""
    return IMAGES / f"{name}.jpg"


def draw() -> None:
    """Build the examples and save three pictures of each."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        compiled = compile_film(examples(Path(folder)), Choices())
        with open_project(compiled) as project:
            outcome = build(project, lambda _event: None)
        film = Path(folder) / outcome.films.paths["main"]
        (cut,) = compiled.storyboard.cuts
        at = 0
        wanted: dict[int, tuple[str, int]] = {}
        for name, shot in cut.shots.items():
            frames = int((shot.duration or 0) * FPS)
            # Words come and go: those of a card are not there yet on its first picture.
            aside = frames // 8 if shot.still else 0
            moments = (at + aside, at + frames // 2, at + frames - 1 - aside)
            wanted.update({moment: (name, place) for place, moment in enumerate(moments)})
            at += frames
        save(film, wanted)


def save(film: Path, wanted: Mapping[int, tuple[str, int]]) -> None:
    """Put the wanted frames of a film, by number, in their places of a strip for each template."""
    strips: dict[str, Image.Image] = {}
    with av.open(str(film)) as file:
        for number, frame in enumerate(file.decode(video=0)):
            if number not in wanted:
                continue
            name, place = wanted[number]
            strip = strips.setdefault(
                name, Image.new("RGB", (3 * TILE[0] + 2 * GAP, TILE[1]), PAPER)
            )
            tile = frame.to_image().resize(TILE, Image.Resampling.LANCZOS)
            strip.paste(tile, (place * (TILE[0] + GAP), 0))
    for name, strip in strips.items():
        strip.save(IMAGES / f"{name}.jpg", quality=82, optimize=True)


def main() -> int:
    """Write the page and its pictures, or check them."""
    parser = argparse.ArgumentParser(description="Write docs/templates.md and its pictures.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is out of date")  # fmt: skip
    check = parser.parse_args().check
    text = page()
    if not check:
        draw()
        PAGE.write_text(text, "utf-8")
        return 0
    current = PAGE.read_text("utf-8") if PAGE.exists() else ""
    pictures = {IMAGES / f"{name}.jpg" for name in library() if f"templates/{name}.jpg" in text}
    if text != current or pictures != set(IMAGES.glob("*.jpg")):
        sys.stderr.write("docs/templates.md is out of date: run `python docs/make_templates.py`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
