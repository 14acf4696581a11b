"""The command `storyboard`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. What can be answered without it imports nothing that takes time."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from storyboard import __version__

        print(f"storyboard {__version__}")  # noqa: T201 - nothing else is loaded yet
        return
    if sys.argv[1:] in (["--help"], ["-h"]):
        from storyboard.cli.listing import help_text

        print(help_text())  # noqa: T201
        return
    try:
        from storyboard.unchanged import answer

        code = answer(sys.argv[1:])
        if code is None:
            from storyboard.cli import run

            code = run(sys.argv[1:])
    except KeyboardInterrupt:  # also while it is being imported
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
