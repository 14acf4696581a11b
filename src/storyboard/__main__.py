"""The command `storyboard`."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` takes longer to import than a film takes to answer
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main(end: Callable[[int], None] = sys.exit) -> None:
    """Run the command line.

    Args:
        end: ends the process with a code, where nothing was imported but the
            standard library, and nothing is open.
    """
    arguments = sys.argv[1:]
    try:
        code = _at_once(arguments)
        if code is not None:
            end(code)
        from storyboard.cli import run

        code = run(arguments)
    except KeyboardInterrupt:  # also while it is being imported
        code = 130
    sys.exit(code)


def _at_once(arguments: Sequence[str]) -> int | None:
    """Say what can be said without importing anything that takes time; None where nothing can."""
    if arguments in (["--version"], ["-V"]):
        from storyboard import __version__

        print(f"storyboard {__version__}")  # noqa: T201 - nothing else is loaded yet
        return 0
    if arguments in (["--help"], ["-h"]):
        from storyboard.cli.listing import help_text

        print(help_text())  # noqa: T201
        return 0
    from storyboard.unchanged import answer

    return answer(arguments)


if __name__ == "__main__":
    main()
