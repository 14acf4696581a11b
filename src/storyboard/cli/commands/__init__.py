"""The commands. A command's module is imported when the command is called, or its help is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from storyboard import __version__
from storyboard.cli.listing import COMMANDS, help_text


class _OnCall(click.Group):
    """A group that knows its commands by name, and imports each where it is wanted.

    click itself would have to hold them all, to suggest one for a misspelt name.
    """

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_help(self, _context: click.Context) -> str:
        return help_text()

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        own = name.replace("-", "_")
        module = import_module(f"{__name__}.{own}")
        command = getattr(module, own)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module.__name__} holds no command {name}")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            ctx.fail(f"No such command '{name}'." + "".join(f" Did you mean '{n}'?" for n in near))
        return super().resolve_command(ctx, args)


@click.group(
    cls=_OnCall,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="storyboard %(version)s")
def storyboard() -> None:
    """Compile storyboards into films: only what changed is made again."""
