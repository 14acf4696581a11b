"""Write docs/reference.md: the ideas from reference_intro.md, the fields from the JSON Schema.

Usage: python docs/make_reference.py [--check]

With --check nothing is written; the exit code is 1 when the page is not what
this would write.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
SCHEMA = DOCS.parent / "schemas" / "storyboard.schema.json"
INTRO = DOCS / "reference_intro.md"
PAGE = DOCS / "reference.md"

Schema = dict[str, Any]

# A shot has too many fields for one table.
SHOT_PARTS = {
    "Name and template": "id notes template with for_each matrix when",
    "What it shows": "prompt multi_prompt multi_prompt_mode style negative_prompt clip still move motion",
    "What it goes on from": "chain first_frame last_frame",
    "The model": "model fallback options aspect_ratio audio voices cfg_scale variant rebuild",
    "Time and joins": "duration trim transition seam fit focus",
    "Words and sound": "titles dialogue sound",
}
KINDS = "Kinds of value"


class Reference:
    """The page, made from a schema of the language."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.definitions: dict[str, Schema] = schema["$defs"]

    def page(self, intro: str) -> str:
        """The whole page: lead, contents, ideas, fields."""
        lead, _, ideas = intro.partition("\n## ")
        body = f"## {ideas.rstrip()}\n\n{self.fields()}"
        note = "<!-- Written by docs/make_reference.py; change the schema or reference_intro.md instead. -->"
        return f"{note}\n\n{lead.rstrip()}\n\n{_contents(body)}\n\n{body}"

    def fields(self) -> str:
        """A section for each object of the language, and one for the kinds of value."""
        sections = [
            "## Fields\n\n"
            "Where no default is given, nothing is assumed. Any single value may be a text with "
            "`{{ … }}` that gives it, and any field that a shot can inherit may be `null`, which removes what "
            "it would inherit.",
            self.section("Storyboard", self.schema),
        ]
        kinds = ["| Kind | Meaning |", "|---|---|"]
        for name, definition in self.definitions.items():
            if name == "shot_fields":
                text = f"{definition['description']} They are in [Shot](#shot)."
                sections.append(f"### {definition['title']}\n\n{text}")
            elif "properties" in definition:
                sections.append(self.section(definition["title"], definition))
            elif not self.is_choice(definition):
                kinds.append(f"| {definition['title']} | {self.meaning(definition)} |")
        sections.append(f"### {KINDS}\n\n" + "\n".join(kinds))
        return "\n\n".join(sections) + "\n"

    def section(self, title: str, definition: Schema) -> str:
        """An object: what it is, and its fields."""
        text = f"### {title}\n\n{definition['description']}"
        required = definition.get("required", [])
        properties: dict[str, Schema] = definition["properties"]
        if title != "Shot":
            return f"{text}\n\n{self.table(properties, required)}"
        for part, names in SHOT_PARTS.items():
            chosen = {name: properties[name] for name in names.split()}
            text += f"\n\n#### {part}\n\n{self.table(chosen, required)}"
        left_out = properties.keys() - " ".join(SHOT_PARTS.values()).split()
        if left_out:
            raise SystemExit(
                f"SHOT_PARTS in {Path(__file__).name} lacks {', '.join(sorted(left_out))}."
            )
        return text

    def table(self, properties: dict[str, Schema], required: list[str]) -> str:
        """Fields as the rows of a table."""
        rows = ["| Field | Type | Default | Meaning |", "|---|---|---|---|"]
        for name, written in properties.items():
            field = self.resolved(written)
            if name in required:
                default = "required"
            else:
                default = f"`{_yaml(field['default'])}`" if "default" in field else ""
            meaning = field["description"]
            snippets = [snippet["body"] for snippet in field.get("defaultSnippets", [])]
            if examples := [*field.get("examples", []), *snippets]:
                shown = " · ".join(f"`{name}: {_yaml(example)}`" for example in examples)
                meaning += f"<br>{shown}"
            cells = [f"`{name}`", self.type(written), default, meaning]
            rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        return "\n".join(rows)

    def meaning(self, definition: Schema) -> str:
        """A kind of value: its description, and what it is made of where that is more than one thing."""
        parts = [
            part for part in definition.get("anyOf", []) if "properties" in self.resolved(part)
        ]
        if not parts:
            return str(definition["description"])
        choices = _either([self.type(part) for part in definition["anyOf"]])
        return f"{definition['description']} Written as: {choices}."

    def resolved(self, field: Schema) -> Schema:
        """A field with what it refers to; what stands beside the reference wins."""
        if "$ref" not in field:
            return field
        return self.resolved(self._target(field["$ref"])) | {
            key: value for key, value in field.items() if key != "$ref"
        }

    def _target(self, reference: str) -> Schema:
        target: Schema = self.schema
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
        return target

    def is_choice(self, definition: Schema) -> bool:
        """Whether it is a few words to choose from, which are shown where they are used."""
        parts = definition.get("anyOf", [definition])
        if any("properties" in self.resolved(part) for part in parts):
            return False
        return "enum" in parts[0] or parts[0].get("type") == "boolean"

    def type(self, field: Schema) -> str:
        """What a field takes, in words, with links to what is explained elsewhere."""
        if "$ref" in field:
            return self._referred(field["$ref"])
        if "anyOf" in field:
            return _either([self.type(part) for part in field["anyOf"]])
        if "enum" in field:
            return _either([f"`{_yaml(choice)}`" for choice in field["enum"]])
        if "title" in field:
            return str(field["title"])
        kind = field.get("type")
        if kind == "array":
            items = self.type(field["items"]) if "items" in field else ""
            return f"list of {f'({items})' if ' or ' in items else items}" if items else "list"
        if kind == "object" and isinstance(field.get("additionalProperties"), dict):
            return f"mapping of names to {self.type(field['additionalProperties'])}"
        if isinstance(kind, list):
            return _either([_WORDS[each] for each in kind])
        return _WORDS[kind] + _limits(field) if kind else "anything"

    def _referred(self, reference: str) -> str:
        name = reference.rpartition("/")[2]
        definition = self._target(reference)
        if name == "template_text":
            return ""  # said once, above the tables
        if not reference.startswith("#/$defs/") or "/properties/" in reference:
            return self.type(definition)
        if self.is_choice(definition):
            return self.type({key: value for key, value in definition.items() if key != "title"})
        title = definition["title"]
        shown = definition if "properties" in definition else {"title": KINDS}
        return f"[{title}](#{_anchor(shown['title'])})"


_WORDS = {
    "string": "text", "number": "number", "integer": "whole number", "boolean": "`true` or `false`",
    "array": "list", "object": "mapping", "null": "",
}  # fmt: skip


def _limits(field: Schema) -> str:
    if field.get("minimum") is None:
        return ""
    if field.get("maximum") is not None:
        return f" from {field['minimum']} to {field['maximum']}"
    return f", {field['minimum']} or more"


def _either(parts: list[str]) -> str:
    known = [part for part in dict.fromkeys(parts) if part]
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} or {known[-1]}"


_PLAIN = re.compile(r"[A-Za-z_.][\w ./+-]*")


def _yaml(value: object) -> str:
    """A value as one would write it in a line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(each) for each in value) + "]"
    if isinstance(value, str) and (_PLAIN.fullmatch(value) or re.fullmatch(r"\d+x\d+", value)):
        return value
    return json.dumps(value, ensure_ascii=False)


def _anchor(heading: str) -> str:
    """The name that a rendered heading can be linked to by."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _contents(body: str) -> str:
    entries = re.findall(
        r"^(##|###) (.+)$", re.sub(r"```.*?```", "", body, flags=re.DOTALL), re.MULTILINE
    )
    return "\n".join(
        f"{'  ' * (len(level) - 2)}* [{text}](#{_anchor(text)})" for level, text in entries
    )


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description="Write docs/reference.md.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when the page is out of date"
    )
    check = parser.parse_args().check
    page = Reference(json.loads(SCHEMA.read_text("utf-8"))).page(INTRO.read_text("utf-8"))
    current = PAGE.read_text("utf-8") if PAGE.exists() else ""
    if check and page != current:
        sys.stderr.write("docs/reference.md is out of date: run `python docs/make_reference.py`.\n")
        return 1
    if not check:
        PAGE.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
