"""From a file's bytes to its text: UTF-8, or what its byte order mark says, and only what YAML allows in it."""

from __future__ import annotations

import codecs
import re
from typing import Final

from storyboard.diagnostics import Code, Diagnostic
from storyboard.source import Source, Span

MAX_CHARS: Final = 64_000_000
"""Characters that a file may have, so that none hangs the tool."""
# What YAML allows in a file: no other control characters.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)


def decode(data: bytes, name: str) -> tuple[Source, list[Diagnostic]]:
    """The text of a file: UTF-8, or UTF-16 or UTF-32 with a byte order mark."""
    encoding = "utf-8"
    for mark, marked in _BOMS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], marked
            break
    try:
        source = Source(name, data.decode(encoding))
    except UnicodeDecodeError as error:
        source = Source(name, data.decode(encoding, "replace"))
        at = len(data[: error.start].decode(encoding))
        message = f"This file is not {encoding.upper()} text: byte {error.start + 1} is not part of any character."
        span = Span(source, at, min(at + 1, len(source.text)))
        return source, [Diagnostic(Code.NOT_TEXT, message, span, help="Save the file as UTF-8.")]
    if bad := _FORBIDDEN.search(source.text):
        span = Span(source, bad.start(), bad.end())
        code = ord(bad[0])
        message = f"The character U+{code:04X} is not allowed in YAML."
        escape = f"\\x{code:02X}" if code < 256 else f"\\u{code:04X}"
        help_ = f'Remove it, or write it as an escape inside double quotes: "{escape}".'
        if not code:
            help_ = "Save the file as UTF-8: it holds zero bytes, as damaged files do."
        return source, [Diagnostic(Code.NOT_TEXT, message, span, help=help_)]
    if len(source.text) > MAX_CHARS:
        message = f"This file has {len(source.text):,} characters; the limit is {MAX_CHARS:,}."
        return source, [
            Diagnostic(Code.TOO_BIG, message, Span(source, 0, 0), help="Split it into scene files.")
        ]
    return source, []
