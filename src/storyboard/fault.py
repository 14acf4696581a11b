"""A fault of the tool itself, in words for a report.

What nobody foresaw carries whatever was at hand, such as a provider's answer
that repeats the key: no key is in the words.
"""

from __future__ import annotations

from pathlib import Path

from storyboard.keys import without_any


def what_of(error: BaseException) -> str:
    """What went wrong: `KeyError: 'id'`."""
    return without_any(f"{type(error).__name__}: {error}")


def where_of(error: BaseException) -> str:
    """The innermost place: `driver.py:120`; empty for what was never raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
