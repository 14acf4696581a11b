"""Diagnostics and errors as text: the source line, a caret, what to do."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from shutil import get_terminal_size

import click

from storyboard.diagnostics import Diagnostic, Invalid, Severity, StoryboardError
from storyboard.source import Plain, Span, Via
from storyboard.terminal import coloured

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_WIDEST, _NARROWEST = 160, 40
# Control characters, and those that turn the direction of text.
_CONFUSING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
ISSUES = "the project's issue tracker"


def say(message: str = "") -> None:
    """A line on stderr, where messages go."""
    click.echo(message, err=True, color=coloured(sys.stderr))


def print_json(document: Plain) -> None:
    """A document on stdout."""
    click.echo(json_text(document))


def json_text(document: Plain) -> str:
    """A document as it is printed."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def say_error(error: StoryboardError) -> None:
    """An error that ends a command."""
    if isinstance(error, Invalid) and error.diagnostics:
        say_diagnostics(error.diagnostics)
        return
    say(f"{click.style('error', fg='red', bold=True)}: {error.message}")
    if error.help:
        say(f"  {click.style('help', fg='cyan')}: {error.help}")


def say_usage(error: click.ClickException) -> None:
    """A call that is wrong: like any other error, with what the call looks like."""
    message, _, guess = error.format_message().partition(" Did you mean ")
    for words, ours in _CLICK_SAYS:
        message = words.sub(ours, message)
    help_ = "Did you mean " + _QUOTED.sub(r"`\1`", guess) if guess else None
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context and not guess:
        usage = " ".join((context.command_path, *context.command.collect_usage_pieces(context)))
        help_ = f"The call is `{usage}`; `{context.command_path} --help` says more."
        if isinstance(context.command, click.Group) and "command" in message:
            help_ = f"`{context.command_path} --help` lists the commands."
    say_error(StoryboardError(message, help_))


_QUOTED = re.compile(r"(?<!\w)'([^'\n]*)'(?!\w)")
_CLICK_SAYS = (
    (_QUOTED, r"`\1`"),
    (re.compile(r"No such (command|option) "), r"There is no \1 "),
    (re.compile(r"Invalid value for "), ""),
    (re.compile(r"(\S+) is not in the range ([\d.]+)<=x<=([\d.]+)"), r"\1 is not from \2 to \3"),
    (re.compile(r"(\S+) is not in the range x>=([\d.]+)"), r"\1 is less than \2"),
    (re.compile(r"(\S+) is not in the range x>([\d.]+)"), r"\1 is not more than \2"),
    (re.compile(r"is not a valid (integer range|integer)"), "is not a whole number"),
    (re.compile(r"is not a valid (float range|float)"), "is not a number"),
)
"""What click says of a call, and how it is said here."""


def say_fault(error: Exception) -> None:
    """A fault of the tool: one line that says where, for a report."""
    from storyboard.fault import what_of, where_of

    where = f" ({at})" if (at := where_of(error)) else ""
    say(f"{click.style('fault', fg='red', bold=True)}: {what_of(error)}{where}")
    say("  This is a fault of storyboard, not of your files. Please report it with this line.")


def say_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Every problem, then how many there are."""
    if text := diagnostics_text(diagnostics):
        say(text)


def diagnostics_text(diagnostics: Iterable[Diagnostic]) -> str:
    """The same as text; empty where there is no problem."""
    count = {Severity.ERROR: 0, Severity.WARNING: 0}
    lines = []
    for item in diagnostics:
        count[item.severity] += 1
        lines += [described(item), ""]
    if not lines:
        return ""
    return "\n".join([*lines, _counted(count[Severity.ERROR], count[Severity.WARNING])])


def described(item: Diagnostic) -> str:
    """A problem as text of several lines."""
    color = _COLORS[item.severity]
    head = click.style(f"{item.severity.value}[{item.code.number}]", fg=color, bold=True)
    lines = [f"{head}: {click.style(_printable(item.message), bold=True)}"]
    gutter = ""
    if item.span is not None:
        shown, gutter = _excerpt(item.span, color)
        lines += shown
    bar = click.style("=", fg="blue", bold=True)
    lines.extend(f"{gutter} {bar} {_way(step)}" for step in (item.via.steps() if item.via else ()))
    lines.extend(f"{gutter} {bar} also {_way(use)}" for use in item.uses)
    if item.more_uses:
        lines.append(f"{gutter} {bar} and {item.more_uses} more like these")
    if item.help:
        help_ = _printable(item.help)
        lines.append(f"{gutter} {bar} {click.style('help', fg='cyan')}: {help_}")
    return "\n".join(lines)


def _printable(text: str) -> str:
    """A text on one line, without what could confuse a terminal or its reader."""
    return _CONFUSING.sub("\ufffd", " ".join(text.split("\n")))


def _way(step: Via) -> str:
    line, column = step.span.begins
    return f"{_printable(step.what)} ({step.span.file}:{line}:{column})"


def _excerpt(span: Span, color: str) -> tuple[list[str], str]:
    """The line that a span is on, with a caret under it; and the gutter's width in blanks."""
    line, column = span.begins
    last_line, last_column = span.ends
    number = str(line)
    gutter = " " * len(number)
    bar = click.style("|", fg="blue", bold=True)
    arrow = click.style("-->", fg="blue", bold=True)
    lines = [f"{gutter} {arrow} {span.file}:{line}:{column}"]
    text = _CONFUSING.sub("\ufffd", span.source.line(line))
    if not text.strip():
        return lines, gutter
    end = last_column if last_line == line else len(text) + 1
    start, width = column - 1, max(1, end - column)
    text, start, width = _window(text, start, width)
    before = "".join("\t" if char == "\t" else " " * _cells(char) for char in text[:start])
    carets = "^" * max(1, sum(_cells(char) for char in text[start : start + width]))
    lines += [
        f"{gutter} {bar}",
        f"{click.style(number, fg='blue', bold=True)} {bar} {text}",
        f"{gutter} {bar} {before}{click.style(carets, fg=color, bold=True)}",
    ]
    return lines, gutter


def _window(text: str, start: int, width: int) -> tuple[str, int, int]:
    """A long line cut to what is around the place."""
    widest = _widest()
    if len(text) <= widest:
        return text, start, width
    left = max(0, start - widest // 3)
    shown = text[left : left + widest]
    marked = ("…" if left else "") + shown + ("…" if left + widest < len(text) else "")
    start = start - left + (1 if left else 0)
    return marked, start, min(width, len(marked) - start)


def _widest() -> int:
    """How much of a line is shown: as much as the terminal has room for, beside the gutter."""
    if not sys.stderr.isatty():
        return _WIDEST
    return max(_NARROWEST, min(_WIDEST, get_terminal_size().columns - 10))


def _cells(char: str) -> int:
    """How many columns a terminal gives a character."""
    from unicodedata import combining, east_asian_width

    if combining(char):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def _counted(errors: int, warnings: int) -> str:
    said = []
    if errors:
        said.append(f"{errors} error{'s' if errors > 1 else ''}")
    if warnings:
        said.append(f"{warnings} warning{'s' if warnings > 1 else ''}")
    return click.style(", ".join(said), bold=True)
