"""`check` of a cold storyboard: its time and memory, each pass's share, against reading the YAML alone."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.benchmarks.films import film
from tests.benchmarks.measure import alternated, python

_READ = """
import gc, yaml
from pathlib import Path
from yaml import CSafeLoader
gc.disable()
yaml.load(Path("storyboard.yaml").read_text(), Loader=CSafeLoader)
"""
_START = "import storyboard.cli, storyboard.cli.commands, storyboard.passes.load, storyboard.passes.expand, storyboard.providers.animatic"
GOAL_MS = 250


def report(sizes: tuple[int, ...] = (1000, 10000)) -> None:
    """Print the figures for storyboards of these lengths."""
    print(
        f"{'check, cold':<24}{'shots':>8}{'ms':>9}{'beyond start-up':>17}{'MiB':>7}{'x libyaml':>11}"
    )
    for shots in sizes:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "storyboard.yaml").write_text(film(shots), encoding="utf-8")
            figures = alternated(
                {
                    "start": python(_START),
                    "read": python(_READ),
                    "start of read": python("import yaml"),
                    "check": [sys.executable, "-m", "storyboard", "check"],
                },
                place,
                rounds=5 if shots <= 1000 else 3,
            )
            beyond = figures["check"].wall - figures["start"].wall
            reading = figures["read"].wall - figures["start of read"].wall
            print(
                f"{'':<24}{shots:>8}{figures['check'].wall * 1e3:>9.0f}{beyond * 1e3:>14.0f} ms"
                f"{figures['check'].memory:>7.0f}{beyond / reading:>11.2f}"
            )
            shares = json.loads(
                subprocess.run(
                    [sys.executable, "-m", "tests.benchmarks.check", str(place / "storyboard.yaml")],
                    check=True, capture_output=True, text=True,
                ).stdout
            )  # fmt: skip
            total = sum(shares.values())
            said = "  ".join(f"{name} {seconds / total:.0%}" for name, seconds in shares.items())
            print(f"{'':<24}{'':>8}{'':>9}  {said}")
    print(f"goal: 1,000 shots within {GOAL_MS} ms beyond start-up, linear to 10,000")


def shares_of(path: Path) -> dict[str, float]:
    """Seconds that each pass of `check` takes, in a fresh process."""
    from storyboard import providers
    from storyboard.passes.check import check
    from storyboard.passes.expand import expand
    from storyboard.passes.load import load
    from storyboard.passes.survey import survey

    gc.disable()
    marks = [perf_counter()]
    document, _ = load(path)
    marks.append(perf_counter())
    assert document is not None
    storyboard, _ = expand(document)
    marks.append(perf_counter())
    assert storyboard is not None
    assets = survey(storyboard, path.parent)
    marks.append(perf_counter())
    check(storyboard, assets, providers.find_model, providers.model_names)
    marks.append(perf_counter())
    return {
        name: after - before
        for name, before, after in zip(
            ("load", "expand", "survey", "check"), marks, marks[1:], strict=False
        )
    }


if __name__ == "__main__":
    print(json.dumps(shares_of(Path(sys.argv[1]))))
