"""Films that stand as if they had been built: tiny files instead of clips, in the real store and ledger."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.films import film

from storyboard.asked import asked
from storyboard.ledger import Ledger
from storyboard.pipeline import Choices, compile_film
from storyboard.project import film_paths, open_project


def built(folder: Path, shots: int, tiny: bool = False) -> None:
    """Lay out a film and fill its store and ledger through the library."""
    folder.mkdir(parents=True)
    text = film(shots)
    if tiny:
        text = text.replace("size: 1280x720", "size: 160x90\nfps: 12").replace(
            "duration: 5", "duration: 0.5"
        )
    (folder / "storyboard.yaml").write_text(text, encoding="utf-8")
    compiled = compile_film(folder / "storyboard.yaml", Choices())
    outputs: dict[str, str] = {}
    rows: list[tuple[str, str, dict[str, object]]] = []
    with open_project(compiled) as project:
        store, ledger = project.workshop.store, project.workshop.ledger
        store.prepare()
        keys: dict[str, str] = {}
        by_key: dict[str, str] = {}
        for action in compiled.graph:
            ending = "png" if action.kind.value == "frame" else "mp4"
            key = action.key(outputs)
            assert key is not None
            keys[action.id] = key
            if key not in by_key:  # steps that ask for the same share what was made
                made = store.root / "tmp" / f"made.{ending}"
                made.write_bytes(action.id.encode())
                by_key[key] = store.put(made)
                rows.append((key, by_key[key], asked(action, outputs)))
            outputs[action.id] = by_key[key]
            if action.kind.value == "cut":
                for name in action.cuts:
                    path = folder / film_paths(compiled.storyboard)[name]
                    path.parent.mkdir(exist_ok=True)
                    blob = store.find(outputs[action.id])
                    assert blob is not None
                    path.write_bytes(blob.read_bytes())
        _record(ledger, rows)
        ledger.remember(project.workshop.lane, keys)


def _record(ledger: Ledger, rows: list[tuple[str, str, dict[str, object]]]) -> None:
    for key, output, said in rows:
        ledger.record(key, output, said)  # type: ignore[arg-type]
