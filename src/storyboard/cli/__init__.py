"""The command line: arguments, exit codes, what is printed; no logic."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` would be imported for `--help`, too
if TYPE_CHECKING:
    from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code.

    What goes wrong is said on stderr, in words: a problem of the storyboard
    with its place, a fault of the tool with where to report it.
    """
    import click

    from storyboard.cli.commands import storyboard
    from storyboard.cli.text import say_error, say_fault, say_usage
    from storyboard.diagnostics import StoryboardError

    try:
        code = storyboard.main(list(arguments), prog_name="storyboard", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        say_usage(error)
        return error.exit_code
    except click.Abort:
        return 130
    except KeyboardInterrupt:
        return 130
    except StoryboardError as error:
        say_error(error)
        return error.exit_code
    except BrokenPipeError:  # who read the output has gone
        _let_go_of_stdout()
        return 1
    except OSError as error:
        say_error(StoryboardError(_disk_said(error)))
        return 1
    except Exception as error:  # a fault of ours: said as such, without a traceback
        say_fault(error)
        return 1
    return code if isinstance(code, int) else 0


def _disk_said(error: OSError) -> str:
    why = error.strerror or str(error)
    return f"{error.filename}: {why}" if error.filename else why


def _let_go_of_stdout() -> None:
    """Keep Python from complaining, at its end, that it cannot flush."""
    import os
    import sys

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
