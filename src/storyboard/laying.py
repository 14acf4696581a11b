"""Laying down a new creative repo: what `init` writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from storyboard.diagnostics import Invalid
from storyboard.share import share

_TITLE = "{{TITLE}}"
_DOT = "dot-"
"""What stands in for the dot of a hidden file, so that nothing takes it for one of its own."""


def lay_down(folder: Path, title: str) -> tuple[Path, ...]:
    """Write a new creative repo; the files that were written.

    Args:
        folder: where; made if it is not there. Files that it has already may
            not be among those to be written.
        title: of the film.

    Raises:
        Invalid: one of the files is there already; nothing is written then.
        OSError: the folder cannot be written.
    """
    files = dict(_files(title))
    there = sorted(name for name in files if (folder / name).exists())
    if there:
        raise Invalid(
            f"{folder / there[0]} is there already.",
            "Choose a new folder: `storyboard init my-film`.",
        )
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tuple(folder / name for name in files)


def _files(title: str) -> Iterator[tuple[str, bytes]]:
    """Every file by its path in the new repo, with its content."""
    root = share("templates") / "init"
    for path in sorted(root.rglob("*")):
        if path.is_file():
            parts = path.relative_to(root).parts
            name = "/".join(
                "." + part.removeprefix(_DOT) if part.startswith(_DOT) else part for part in parts
            )
            content = path.read_bytes()
            if path.suffix in {".yaml", ".md"}:
                content = content.replace(_TITLE.encode(), _quoted(title, path.suffix).encode())
            yield name, content
    for schema in sorted(share("schemas").glob("*.schema.json")):
        yield f"schemas/{schema.name}", schema.read_bytes()


def _quoted(title: str, suffix: str) -> str:
    """A title as YAML text, safe whatever it holds; in Markdown as it is."""
    import json

    return json.dumps(title, ensure_ascii=False) if suffix == ".yaml" else title
