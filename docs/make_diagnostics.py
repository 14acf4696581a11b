"""Write docs/diagnostics.md from the catalogue that ships with the tool.

Usage: python docs/make_diagnostics.py [--check]

With --check nothing is written; the exit code is 1 when the page is not what
this would write.
"""

from __future__ import annotations

import sys
from pathlib import Path

from storyboard.cli.explained import page

PAGE = Path(__file__).resolve().parent / "diagnostics.md"


def main() -> int:
    """Write the page, or compare it."""
    text = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
