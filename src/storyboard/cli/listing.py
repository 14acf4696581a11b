"""The commands, as `storyboard --help` lists them. It imports nothing, to answer at once."""

COMMANDS = {
    "init": "Lay down a new creative repo in DIR.",
    "check": "Report every problem of a storyboard.",
    "explain-code": "Explain a diagnostic, such as SB101, with an example.",
    "graph": "Show what is made of what.",
    "plan": "Show what a build would do, why, and what it would cost.",
    "explain": "Explain why a shot is fresh or stale, and what decides where it waits.",
    "diff": "Show what changed, shot by shot, and what that costs.",
    "requests": "Show what a build would ask of each model.",
    "build": "Build the film: make what is missing, put the cuts together.",
    "takes": "List the takes of SHOT, or all that the lock holds.",
    "retake": "Have more takes of SHOT made; the newest is used.",
    "select": "Use take N of SHOT, free of charge.",
    "pin": "Have SHOT keep the take that it has now, whatever it asks for later.",
    "unpin": "Let SHOT follow what it asks for again.",
    "heal": "Have SHOT made again between neighbours that stay.",
    "jobs": "List what was asked of providers for money, and settle what needs a decision.",
    "cost": "Show what the film has cost, and how that differs from the estimates.",
    "export": "Hand cuts over to an editor: timelines, with takes and handles, and the clips beside them.",
    "report": "Show how the shots of a built film meet: every join and chain in numbers.",
    "sheet": "Draw contact sheets: a picture of every shot, with its id, its time and its length.",
    "gc": "Remove from the store what nothing names.",
    "templates": "List the templates at hand, or show one.",
    "models": "List the models, or show what one can do and what it costs.",
    "doctor": "Look whether what a build needs is there: keys, video libraries, room on the disk.",
    "simulate": "Serve what behaves as the providers do, to rehearse a build and its bill.",
    "schema": "Print the JSON Schema of the language.",
}
"""By name what each does, in the order in which help lists them.

The module of a command is `commands/NAME.py`, with `_` for `-`, and it holds the
command under that name.
"""

_HEAD = """\
Usage: storyboard [OPTIONS] COMMAND [ARGS]...

  Compile storyboards into films: only what changed is made again.

Options:
  -V, --version  Show the version and exit.
  -h, --help     Show this message and exit.

Commands:
"""


def help_text() -> str:
    """What `storyboard --help` prints."""
    width = max(map(len, COMMANDS))
    return _HEAD + "\n".join(f"  {name:<{width}}  {does}" for name, does in COMMANDS.items())
