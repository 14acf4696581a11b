"""Whether a shot's prompts are as long as its model takes them."""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.diagnostics import Code, Diagnostic
from storyboard.model import Origin, Shot
from storyboard.provider import Model


def ill_sized(shot: Shot, model: Model) -> Iterator[Diagnostic]:
    """Prompts that are longer or shorter than a model takes; where there is none, nothing is wrong with it."""
    for segment in shot.segments:
        yield from _of(
            f"The prompt has {_characters(segment.prompt)} with its style",
            segment.prompt,
            segment.origin,
            model,
        )
    if shot.negative_prompt:
        said = f"The negative prompt has {_characters(shot.negative_prompt)}"
        yield from _of(said, shot.negative_prompt, shot.origin("negative_prompt"), model)


def _of(said: str, prompt: str, origin: Origin, model: Model) -> Iterator[Diagnostic]:
    if model.prompt_limit is not None and len(prompt) > model.prompt_limit:
        message = f"{said}, and `{model.name}` takes {model.prompt_limit}."
        yield Diagnostic(Code.TOO_LONG, message, origin.span, "Make it shorter.", origin.via)
    elif 0 < len(prompt) < model.prompt_least:
        message = f"{said}, and `{model.name}` wants {model.prompt_least} at least."
        yield Diagnostic(Code.CANNOT, message, origin.span, "Say more.", origin.via)


def _characters(prompt: str) -> str:
    return f"{len(prompt)} character{'' if len(prompt) == 1 else 's'}"
