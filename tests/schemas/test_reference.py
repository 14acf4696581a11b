"""The reference page: what the schema says, whole, with links that lead somewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from storyboard.language import yaml
from storyboard.share import share
from storyboard.source import Source

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA: dict[str, Any] = json.loads(
    (share("schemas") / "storyboard.schema.json").read_text("utf-8")
)


def page() -> str:
    return (DOCS / "reference.md").read_text("utf-8")


def test_the_page_is_what_the_generator_writes() -> None:
    command = [sys.executable, str(DOCS / "make_reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_field_of_every_object_is_on_the_page() -> None:
    sections = dict(re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", page(), re.MULTILINE | re.DOTALL))
    for definition in [SCHEMA, *SCHEMA["$defs"].values()]:
        if definition["title"] == "Shot fields":  # they are the shot's
            continue
        for name in definition.get("properties", {}):
            assert f"\n| `{name}` |" in sections[definition["title"]], (definition["title"], name)


def test_every_link_within_the_page_leads_somewhere() -> None:
    headings = re.findall(r"^#{1,6} (.+)$", page(), re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(#([^)]+)\)", page()))
    assert links
    assert links <= anchors


def test_every_link_to_a_file_leads_somewhere() -> None:
    for file in re.findall(r"\]\(([^)#:]+)\)", page()):
        assert (DOCS / file).is_file(), file


def test_the_storyboards_on_the_page_are_good() -> None:
    texts = re.findall(r"```yaml\n(.*?)```", page(), re.DOTALL)
    assert texts
    for text in texts:
        node, problems = yaml.read(Source("reference.md", text))
        assert problems == []
        assert node is not None
        assert [
            error.message for error in Draft202012Validator(SCHEMA).iter_errors(node.plain())
        ] == []
