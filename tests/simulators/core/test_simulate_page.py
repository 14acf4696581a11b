"""docs/simulate.md says every knob that there is, and its script is one."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from urllib.request import urlopen

from storyboard.cli.simulate import read_script
from storyboard.simulators import names
from storyboard.simulators.faults import USUAL
from storyboard.simulators.server import simulation
from storyboard.simulators.world import COMMON

PAGE = (Path(__file__).parents[3] / "docs" / "simulate.md").read_text(encoding="utf-8")


def rows(columns: int, after: str) -> list[list[str]]:
    part = PAGE.partition(after)[2]
    cells = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("| `")
    ]
    return [row for row in cells if len(row) == columns]


def test_every_fault_stands_on_the_page() -> None:
    told = PAGE.partition("Of requests of any purpose")[2].partition("## Switches")[0]
    assert re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE) == list(USUAL)


def test_every_common_switch_stands_on_the_page() -> None:
    assert {row[0]: json.loads(row[1]) for row in rows(3, "## Switches")} == dict(COMMON)


def test_every_switch_of_a_provider_stands_on_the_page() -> None:
    told = {(row[0], row[1]): json.loads(row[2]) for row in rows(4, "## Switches")}
    assert told == {
        (name, switch): value
        for name in names()
        for switch, value in import_module(
            f"storyboard.simulators.{name}"
        ).simulator.switches.items()
    }


def test_the_script_on_the_page_is_one(tmp_path: Path) -> None:
    written = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert written
    path = tmp_path / "script.yaml"
    path.write_text(written[1], encoding="utf-8")
    with (
        simulation("fal", script=read_script(path)) as urls,
        urlopen(f"{urls['fal']}/_simulator/faults", timeout=10) as answer,
    ):
        faults = json.load(answer)
    assert [(fault["kind"], fault["on"]) for fault in faults] == [
        ("drop_after", ["submit"]),
        ("rate", ["poll"]),
    ]
