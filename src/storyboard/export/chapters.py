"""Where the chapters of a film begin, as files: a list for a video's description, and WebVTT."""

from __future__ import annotations

from itertools import pairwise

from storyboard.model import Seconds
from storyboard.subtitles import Cue, as_vtt
from storyboard.timeline import Edit


def chapter_list(edit: Edit) -> str:
    """A line for each chapter, `0:00 The harbour`, as YouTube reads them in a description.

    Times are whole seconds, the nearest. YouTube shows chapters where there are
    three at least, each of ten seconds or more
    (https://support.google.com/youtube/answer/9884579).
    """
    return "".join(f"{_clock(cue.start, edit)} {cue.text}\n" for cue in _cues(edit))


def chapter_track(edit: Edit) -> str:
    """The chapters as WebVTT, for players: `<track kind="chapters">`. Times are exact."""
    return as_vtt(_cues(edit))


def _cues(edit: Edit) -> list[Cue]:
    """Each chapter from its first frame to the next one's, its title in one line."""
    starts = [chapter.record_in / edit.fps for chapter in edit.chapters]
    return [
        Cue(start, end, " ".join(chapter.title.split()))
        for chapter, (start, end) in zip(
            edit.chapters, pairwise([*starts, edit.duration]), strict=True
        )
    ]


def _clock(time: Seconds, edit: Edit) -> str:
    """`4:07`, or `1:04:07` in a film of an hour or more."""
    minutes, seconds = divmod(round(time), 60)
    if round(edit.duration) < 3600:  # also where the last chapter begins
        return f"{minutes}:{seconds:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
