"""A cut in other formats than MP4: WebM, MOV for editors, GIF and WebP as previews."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from av.error import FFmpegError

from storyboard.media.conform import naming_inputs, probed
from storyboard.media.container import as_os_error
from storyboard.media.masters import write_master
from storyboard.media.previews import PREVIEWS, write_preview
from storyboard.provider import Report
from storyboard.timeline import Edit


def write_as(edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report) -> None:
    """Write a cut in the format that its file's ending names.

    `.webm`: VP9 and Opus. `.mov`: ProRes 422 HQ and PCM. Both have every frame
    of the cut. `.gif` and `.webp` are small, have fewer frames and no sound,
    and are played again and again. The film appears whole or not at all.

    Args:
        edit: the cut.
        inputs: by role, the files that it names.
        destination: where it goes.
        report: told how much is done.

    Raises:
        BadMedia: an input is not what it should be.
        OSError: an input is not there, or the disk does not take the film.
    """
    part = destination.with_name(destination.name + ".part")
    kind = destination.suffix.removeprefix(".")
    try:
        with naming_inputs(edit, inputs):
            clips = probed(edit, inputs)
            part.touch()  # a folder that is gone is told now
            write = write_preview if kind in PREVIEWS else write_master
            write(edit, inputs, clips, part, kind, report)
        part.replace(destination)
    except FFmpegError as error:
        raise as_os_error(error, destination) from error
    finally:
        part.unlink(missing_ok=True)
