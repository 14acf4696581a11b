"""Serving the simulated providers: what is asked of them, and what is printed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from storyboard import providers
from storyboard.cli.text import say
from storyboard.diagnostics import Failed, Invalid, did_you_mean
from storyboard.remote_provider import RemoteProvider


def serve(
    names: Sequence[str], port: int, script: Path | None, speed: float | None, *, as_json: bool
) -> None:
    """Serve until Ctrl-C.

    Raises:
        Invalid: there is no such provider, or the script makes no sense.
        Failed: what it needs is not installed, or the port is taken.
    """
    try:
        from storyboard.simulators import names as known
        from storyboard.simulators import server
        from storyboard.simulators.clock import USUAL_SPEED
        from storyboard.simulators.faults import BadSetting

        for name in known():
            import_module(f"storyboard.simulators.{name}")
    except ModuleNotFoundError as error:
        missing = (error.name or "more").partition(".")[0]
        raise Failed(
            f"`storyboard simulate` needs {missing}, which is not installed.",
            "Install it: pip install 'storyboard-compiler[simulate]'",
        ) from None
    for name in names:
        if name not in known():
            help_ = did_you_mean(name, known(), otherwise=f"There are {', '.join(known())}.")
            raise Invalid(f"There is no simulator of `{name}`.", help_)
    settings = read_script(script) if script else None
    try:
        server.serve(
            names,
            port=port,
            speed=USUAL_SPEED if speed is None else speed,
            script=settings,
            ready=_say_ready_json if as_json else _say_ready,
        )
    except BadSetting as error:
        raise Invalid(f"{script}: {error}.", "docs/simulate.md has what can be set.") from None
    except server.NotServed as error:
        raise Failed(f"{error}.", "Without --port, a free one is taken.") from None


def read_script(path: Path) -> Mapping[str, Any]:
    """What a script sets, by provider.

    Raises:
        Invalid: the file cannot be read, or is none.
    """
    import yaml

    try:
        read = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        raise Invalid(f"{path} is neither YAML nor JSON: {said}") from None
    if not isinstance(read, dict):
        raise Invalid(f"{path} is no script.", "It holds settings for each provider: `fal: {…}`.")
    return {str(name): _said_on(settings) for name, settings in read.items()}


def _said_on(value: Any) -> Any:
    """A value with the keys `on`, which YAML reads as true, as they were written."""
    match value:
        case dict():
            return {"on" if key is True else key: _said_on(item) for key, item in value.items()}
        case list():
            return [_said_on(item) for item in value]
    return value


def _say_ready_json(urls: Mapping[str, str]) -> None:
    click.echo(json.dumps({"event": "ready", "providers": dict(urls)}))


def _say_ready(urls: Mapping[str, str]) -> None:
    for name, url in urls.items():
        click.echo(f"export STORYBOARD_{name.upper()}_URL={url}")
        provider = providers.find(name)
        if isinstance(provider, RemoteProvider):
            click.echo(f"export {provider.auth.variables[0]}=any:key")
    say("Set these where you build. Nothing is generated or charged. Ctrl-C ends it.")
