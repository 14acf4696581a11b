"""`storyboard requests`, against the request examples of the providers' sheets.

A case is a folder under `requests`: a storyboard, and the request that the
sheet has for it (`expected.json`), written from the sheet by hand and never by
`--update`. `requests/sheets.yaml` lists every request on the sheets, with the
cases that prove it or why none can; `requests/README.md` says what is set aside.
"""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from storyboard.cli import run

HERE = Path(__file__).parent / "requests"
CASES = sorted(path.parent for path in HERE.glob("*/expected.json"))


@dataclass(frozen=True)
class Example:
    """A request as a sheet has it: proven by cases, or not because of `why`."""

    sheet: str
    section: str
    request: str
    cases: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        return f"{self.sheet} {self.section}: {self.request}"


EXAMPLES = [
    Example(
        sheet, str(each["section"]), each["request"], tuple(each.get("cases", ())), each.get("why", "")
    )
    for sheet, listed in yaml.safe_load((HERE / "sheets.yaml").read_text("utf-8")).items()
    for each in listed
]  # fmt: skip


def picture(color: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (320, 320), color).save(file, "PNG")
    return file.getvalue()


PICTURES = {"start.png": picture("navy"), "end.png": picture("maroon")}


def with_pictures(value: Any) -> Any:
    """What is expected, with the bytes of the pictures in the place of their names."""
    match value:
        case str():
            for name, data in PICTURES.items():
                encoded = b64encode(data).decode()
                value = value.replace(f"<Base64 of {name}>", encoded)
                value = value.replace(f"<data URI of {name}>", f"data:image/png;base64,{encoded}")
            return value
        case list():
            return [with_pictures(each) for each in value]
        case dict():
            return {name: with_pictures(each) for name, each in value.items()}
    return value


def typed(value: Any) -> Any:
    """With the type of each value: `5`, `5.0` and `true` are not the same to a provider."""
    match value:
        case list():
            return [typed(each) for each in value]
        case dict():
            return {name: typed(each) for name, each in value.items()}
    return type(value).__name__, value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_prints_the_request_that_the_sheet_has(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = Path(shutil.copy(case / "storyboard.yaml", tmp_path))
    for name, data in PICTURES.items():
        (tmp_path / name).write_bytes(data)

    code = run(["requests", "--json", "--film", str(film)])

    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    (asked,) = json.loads(said.out)["requests"]
    expected = with_pictures(json.loads((case / "expected.json").read_text("utf-8")))
    assert typed({name: asked[name] for name in expected}) == typed(expected)


def test_every_request_on_the_sheets_has_a_case_or_a_reason() -> None:
    assert {example.sheet for example in EXAMPLES} == {
        "runware.md", "fal.md", "aimlapi.md", "modelstream.md", "kling.md",
    }  # fmt: skip
    assert [str(example) for example in EXAMPLES if not example.cases and not example.why] == []
    assert {name for example in EXAMPLES for name in example.cases} == {c.name for c in CASES}
