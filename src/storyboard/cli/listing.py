"""The commands, as `storyboard --help` lists them. It imports nothing, to answer at once."""

GROUPS = {
    "Write a film": {
        "init": "Lay down a new creative repo in DIR.",
        "check": "Report every problem of a storyboard.",
        "explain-code": "Explain a diagnostic, such as SB101, with an example.",
        "graph": "Show what is made of what.",
        "templates": "List the templates at hand, or show one.",
        "schema": "Print the JSON Schema of the language.",
    },
    "Build it": {
        "plan": "Show what a build would do, why, and what it would cost.",
        "build": "Build the film: make what is missing, put the cuts together.",
        "explain": "Explain why a shot is fresh or stale, and what decides where it waits.",
        "diff": "Show what changed, shot by shot, and what that costs.",
        "requests": "Show what a build would ask of each model.",
    },
    "Choose among takes": {
        "takes": "List the takes of SHOT, or all that the lock holds.",
        "retake": "Have more takes of SHOT made; the newest is used.",
        "select": "Use take N of SHOT, free of charge.",
        "pin": "Have SHOT keep the take that it has now, whatever it asks for later.",
        "unpin": "Let SHOT follow what it asks for again.",
        "heal": "Have SHOT made again between neighbours that stay.",
    },
    "Look at it, hand it over": {
        "report": "Show in numbers how the shots of a built film meet.",
        "sheet": "Draw contact sheets: every shot with its id, its time and its length.",
        "export": "Hand cuts over to an editor: timelines with takes and handles, and the clips.",
    },
    "Providers and money": {
        "models": "List the models, or show what one can do and what it costs.",
        "doctor": "Look whether what a build needs is there: keys, video libraries, disk.",
        "jobs": "List what was asked of providers for money; settle what needs a decision.",
        "cost": "Show what the film has cost, and how that differs from the estimates.",
        "simulate": "Serve what behaves as the providers do, to rehearse a build and its bill.",
    },
    "Clear up": {
        "gc": "Remove from the store what nothing names.",
    },
}
"""What each command does, by what it is for, in the order in which help lists them."""

COMMANDS = {name: does for group in GROUPS.values() for name, does in group.items()}
"""The same by name alone.

The module of a command is `commands/NAME.py`, with `_` for `-`, and it holds the
command under that name.
"""

_HEAD = """\
Usage: storyboard [OPTIONS] COMMAND [ARGS]...

  Compile storyboards into films: only what changed is made again.

Options:
  -V, --version  Show the version and exit.
  -h, --help     Show this message and exit.
"""


def help_text() -> str:
    """What `storyboard --help` prints."""
    width = max(map(len, COMMANDS))
    lines = [_HEAD]
    for title, group in GROUPS.items():
        lines += [f"{title}:", *(f"  {name:<{width}}  {does}" for name, does in group.items()), ""]
    return "\n".join([*lines, "`storyboard COMMAND --help` says more of each."])
