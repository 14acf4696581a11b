"""The command `storyboard`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. `--version` is answered before anything is imported."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from storyboard import __version__

        print(f"storyboard {__version__}")  # noqa: T201 - nothing else is loaded yet
        return
    try:
        from storyboard.cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # also while it is being imported
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
