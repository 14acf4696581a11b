"""Putting a film together: first, and after small changes, against moviepy, ffmpeg and copying the bytes.

Clips are as providers return them: five seconds of 1080p24 and the hand-over
frame, B-frames, key frames every two seconds, AAC. `CLIPS=50` takes half an hour;
ten are enough to see a ratio. They are made once and kept in `.bench/`.

One shot is changed three times, each time another one, as on a day's work, and
the bytes are copied three times; the run whose time is the middle one counts.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from time import perf_counter, sleep

KEPT = Path(__file__).parents[2] / ".bench" / "clips"
"""Where the clips are kept from one run to the next."""

_DIFFERENT = 10  # pictures; further clips are the same ones with other bytes around them
_SIZE, _FPS, _FRAMES = (1920, 1080), 24, 121
_CHANGES = 3  # of one shot, one after the other
_AT_HAND = 1024
"""Megabytes of memory that stand ready when a command begins: for its film. Of more, a virtual
machine begins to give some back at once, beside the command and at its cost."""


@dataclass(frozen=True, slots=True)
class Run:
    """One command: seconds of the clock and of the processors, and its tree's peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def report() -> dict[str, dict[str, float]]:
    """Print every figure, and the goals; the figures."""
    count = int(os.environ.get("CLIPS", "10"))
    peers = os.environ.get("PEERS", "yes") != "no"
    clips = made_clips(count + _CHANGES)
    size = sum(clip.stat().st_size for clip in clips[:count]) / 1e6
    print(f"stitch: {count} clips of 5 s, 1080p24 with sound, {size:.0f} MB")
    print(f"{'':<44}{'wall s':>9}{'cpu s':>9}{'MB':>7}")
    with tempfile.TemporaryDirectory(dir=KEPT.parent) as place:
        runs = dict(_runs(clips, Path(place), peers=peers))
    _goals(runs)
    return {name: asdict(run) for name, run in runs.items()}


def _runs(clips: Sequence[Path], place: Path, *, peers: bool) -> Iterator[tuple[str, Run]]:
    shown, others = clips[:-_CHANGES], clips[-_CHANGES:]
    cat = "copying the bytes (cat)"
    copied = []
    for _ in range(3):
        copied.append(_told(cat, _shell(f"cat {_listed(shown)} > all.mp4", place)))
        (place / "all.mp4").unlink()
    yield cat, _middle(copied)
    for joins in ("hard cuts", "crossfades"):
        film = BenchFilm(place / joins.replace(" ", "-"), fades=joins == "crossfades")
        film.make(shown)
        yield f"{joins}, first", _told(f"{joins}, first", film.build())
        now, changed = [*shown], (2, len(shown) // 2, len(shown) - 2)
        rebuilt = []
        for shot, other in zip(changed, others, strict=True):
            film.change(shot, "another look")
            now[shot] = other
            film.make(now)
            rebuilt.append(_told(f"{joins}, one shot changed", film.build()))
        yield f"{joins}, one shot changed", _middle(rebuilt)
        film.title(changed[0], "One")
        _told(f"{joins}, one title added", film.build())
        film.title(changed[0], "Two")
        yield f"{joins}, one title changed", _told(f"{joins}, one title changed", film.build())
        film.film.unlink()
        yield (
            f"{joins}, nothing changed",
            _told(f"{joins}, nothing changed, the film removed", film.build()),
        )
        _told(f"{joins}, nothing changed, the film there", film.build())
        shutil.rmtree(film.folder)
    # Peers take half an hour; a run that is cut short has told what ours takes.
    for name, code in _PEERS.items() if peers else ():
        yield name, _told(name, _peer(code, shown, place))


def _middle(runs: Sequence[Run]) -> Run:
    return sorted(runs, key=lambda run: run.wall)[len(runs) // 2]


def _told(name: str, run: Run) -> Run:
    print(f"  {name:<42}{run.wall:>9.2f}{run.cpu:>9.2f}{run.memory:>7.0f}", flush=True)
    return run


def _goals(runs: dict[str, Run]) -> None:
    naive, fade = runs.get("moviepy, hard cuts"), runs.get("moviepy, crossfades")
    xfade, cat = runs.get("ffmpeg xfade"), runs["copying the bytes (cat)"]
    print(f"{'':<44}{'ratio':>9}{'goal':>9}")
    for name, peer, goal in (
        ("hard cuts, first", naive, 25),
        ("crossfades, first", xfade, 4),
        ("hard cuts, one shot changed", naive, 300),
        ("crossfades, one shot changed", fade, 90),
    ):
        if peer:
            print(f"  {name:<42}{peer.wall / runs[name].wall:>8.1f}x{goal:>8}x")
    ratio = runs["hard cuts, nothing changed"].wall / cat.wall
    print(f"  {'hard cuts, nothing changed, of copying':<42}{ratio:>8.1f}x{'<= 2.5x':>9}")
    most = max(run.memory for name, run in runs.items() if name.startswith(("hard", "crossf")))
    print(f"  {'peak memory, MB':<42}{most:>9.0f}{'<= 400':>9}")
    print("goals are for 50 clips; with fewer, starting up weighs more")


# The film


class BenchFilm:
    """A film whose clips are there already, as if providers had made them."""

    def __init__(self, folder: Path, *, fades: bool) -> None:
        self.folder = folder
        self._fades = fades
        self._looks: dict[int, str] = {}
        self._titles: dict[int, str] = {}
        (folder / ".git").mkdir(parents=True)  # a repository of its own, and so a store of its own

    @property
    def film(self) -> Path:
        """Where it is put."""
        return self.folder / "build" / "main.mp4"

    def change(self, shot: int, look: str) -> None:
        """Ask for something else in a shot."""
        self._looks[shot] = look

    def title(self, shot: int, text: str) -> None:
        """Lay words on a shot, or other ones."""
        self._titles[shot] = text
        self._write(len(self._count()))

    def _count(self) -> list[str]:
        return (self.folder / "storyboard.yaml").read_text().split("- {id:")[1:]

    def _write(self, count: int) -> None:
        lines = [
            "version: 1",
            "size: 1920x1080",
            "fps: 24",
            "defaults: {duration: 5, chain: false}",
        ]
        lines.append("shots:")
        for number in range(count):
            more = ", transition: {crossfade: 0.5}" if self._fades and number else ""
            if title := self._titles.get(number):
                more += f", titles: [{{text: {title}, at: 1, for: 2}}]"
            look = self._looks.get(number, "a look")
            lines.append(f'  - {{id: s{number}, prompt: "{look} {number}"{more}}}')
        (self.folder / "storyboard.yaml").write_text("\n".join(lines) + "\n")

    def make(self, clips: Sequence[Path]) -> None:
        """Let the shots' clips have been made: these."""
        from storyboard.graph import Kind
        from storyboard.pipeline import Choices, compile_film
        from storyboard.project import open_project

        self._write(len(clips))
        compiled = compile_film(self.folder / "storyboard.yaml", Choices())
        with open_project(compiled) as project:
            workshop = project.workshop
            outputs: dict[str, str] = {}
            generated = [step for step in project.plan() if step.action.kind is Kind.GENERATE]
            for step, clip in zip(generated, clips, strict=True):
                key = step.action.key(outputs)
                assert key
                if workshop.find(step.action, key, outputs):
                    continue
                with workshop.store.scratch() as scratch:
                    outputs[step.action.id] = workshop.store.put(
                        Path(shutil.copy(clip, scratch / "clip.mp4"))
                    )
                workshop.books.record(step.action, key, outputs)

    def build(self) -> Run:
        """The command, in a process of its own."""
        return measured([sys.executable, "-m", "storyboard", "build"], self.folder)


# Peers, each a script that is told the clips and the film

_MOVIEPY = """
import sys
from moviepy import VideoFileClip, concatenate_videoclips, vfx
*clips, film = sys.argv[1:]
opened = [VideoFileClip(clip) for clip in clips]
{join}
joined.write_videofile(film, codec="libx264", audio_codec="aac", logger=None)
"""
_FFMPEG = """
import subprocess, sys
from imageio_ffmpeg import get_ffmpeg_exe
*clips, film = sys.argv[1:]
{command}
subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
"""
_FILTER = """
inputs = [word for clip in clips for word in ("-i", clip)]
{graph}
command = [get_ffmpeg_exe(), "-y", *inputs, "-filter_complex", graph, "-map", "[v]", "-map", "[a]",
           "-c:v", "libx264", "-c:a", "aac", film]
"""
_PEERS = {
    "ffmpeg, stream copy": _FFMPEG.format(
        command="""
with open("list.txt", "w") as file:
    file.writelines(f"file '{clip}'\\n" for clip in clips)
command = [get_ffmpeg_exe(), "-y", "-f", "concat", "-safe", "0", "-i", "list.txt", "-c", "copy", film]
"""
    ),
    "ffmpeg concat filter": _FFMPEG.format(
        command=_FILTER.format(
            graph="""
graph = "".join(f"[{n}:v][{n}:a]" for n in range(len(clips)))
graph += f"concat=n={len(clips)}:v=1:a=1[v][a]"
"""
        )
    ),
    "ffmpeg xfade": _FFMPEG.format(
        command=_FILTER.format(
            graph="""
last = len(clips) - 1
video = [f"[{'v%d' % n if n > 1 else '0:v'}][{n}:v]xfade=duration=0.5:offset={n * 4.5}"
         f"[{'v' if n == last else 'v%d' % (n + 1)}]" for n in range(1, last + 1)]
audio = [f"[{'a%d' % n if n > 1 else '0:a'}][{n}:a]acrossfade=d=0.5"
         f"[{'a' if n == last else 'a%d' % (n + 1)}]" for n in range(1, last + 1)]
graph = ";".join(video + audio)
"""
        )
    ),
    "moviepy, hard cuts": _MOVIEPY.format(join="joined = concatenate_videoclips(opened)"),
    "moviepy, crossfades": _MOVIEPY.format(
        join="""
faded = [opened[0], *(clip.with_effects([vfx.CrossFadeIn(0.5)]) for clip in opened[1:])]
joined = concatenate_videoclips(faded, method="compose", padding=-0.5)
"""
    ),
}


def _peer(code: str, clips: Sequence[Path], place: Path) -> Run:
    command = [sys.executable, "-c", code, *map(str, clips), str(place / "film.mp4")]
    return measured(command, place)


def _shell(line: str, place: Path) -> Run:
    return measured(["/bin/sh", "-c", line], place)


def _listed(clips: Sequence[Path]) -> str:
    return " ".join(f"'{clip}'" for clip in clips)


# Measuring a tree of processes


def measured(command: Sequence[str], folder: Path) -> Run:
    """Run a command; the memory is that of all its processes at once, looked at often.

    What was written before is not paid for now.

    Raises:
        RuntimeError: it failed; a figure of it would mean nothing.
    """
    os.sync()
    _have_memory_at_hand(folder)
    began = perf_counter()
    process = Popen(command, cwd=folder, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
    peak, done = 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max(peak, _memory(process.pid))
            sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    wall = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    done.set()
    watcher.join()
    if process.stderr:
        process.stderr.close()
    if process.returncode:
        raise RuntimeError(f"{command[:4]} failed: {said.decode(errors='replace')[-600:]}")
    # Children that a command waits for count with it.
    return Run(wall, used.ru_utime + used.ru_stime, peak)


def _have_memory_at_hand(folder: Path) -> None:
    """Have the system hold memory for the files of a command, as a machine of one's own would.

    A virtual machine gives memory back that lies idle. A page that it must ask
    its host for again costs six times the copying of its bytes (measured: 0.41 s
    and 2.7 s of the processor for a gigabyte), for whichever command comes first.
    """
    scratch, block = folder / "at-hand", bytes(2**20)
    with scratch.open("wb") as file:
        for _ in range(_AT_HAND):
            file.write(block)
    scratch.unlink()


def _memory(pid: int) -> float:
    """Megabytes that a process and those below it hold of their own, their shares of the rest."""
    total = 0.0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) / 1024
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, ValueError):  # it has ended meanwhile
        return total
    return total + sum(_memory(int(child)) for child in children)


# Clips


def made_clips(count: int) -> list[Path]:
    """So many clips, kept from one run to the next."""
    KEPT.mkdir(parents=True, exist_ok=True)
    clips = []
    for number in range(count):
        clip = KEPT / f"{number}.mp4"
        if not clip.exists():
            part = clip.with_suffix(".part")
            if number < _DIFFERENT:
                _make(part, number)
            else:
                _again(KEPT / f"{number % _DIFFERENT}.mp4", part, number)
            part.replace(clip)
        clips.append(clip)
    return clips


def _make(path: Path, seed: int) -> None:
    import av
    import numpy as np
    from PIL import Image

    (width, height), random = _SIZE, np.random.default_rng(seed)
    scene = random.integers(0, 255, (68, 120, 3)).astype(np.uint8)
    large = np.asarray(Image.fromarray(scene).resize((width + 256, height + 144)))
    grain = random.integers(-9, 10, (height, width + _FRAMES * 7, 1), dtype=np.int16)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        coding = {"preset": "veryfast", "g": "48", "bf": "3", "crf": "18"}
        picture = film.add_stream("libx264", rate=_FPS, options=coding)
        picture.width, picture.height, picture.pix_fmt = width, height, "yuv420p"
        tags = picture.codec_context
        tags.colorspace = tags.color_primaries = tags.color_trc = tags.color_range = 1
        sound = film.add_stream("aac", rate=44_100, layout="stereo")
        sound.codec_context.bit_rate = 128_000
        for number in range(_FRAMES):
            seen = large[number : number + height, 2 * number : 2 * number + width]
            noise = grain[:, 7 * number : 7 * number + width]
            rgb = np.clip(seen + noise, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=1)
            frame.pts, frame.time_base = number, Fraction(1, _FPS)
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        times = np.arange(44_100 * _FRAMES // _FPS) / 44_100
        wave = (0.2 * np.sin(2 * np.pi * (220 + 30 * seed) * times)).astype(np.float32)
        for at in range(0, len(wave), 1024):
            part = np.ascontiguousarray(np.stack([wave[at : at + 1024]] * 2))
            heard = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            heard.sample_rate, heard.pts, heard.time_base = 44_100, at, Fraction(1, 44_100)
            film.mux(sound.encode(heard))
        film.mux(sound.encode(None))


def _again(clip: Path, path: Path, number: int) -> None:
    """The same clip with a few bytes more at its end: another file, that nobody has seen."""
    shutil.copy(clip, path)
    note = f"clip {number}".encode().ljust(16)
    with path.open("ab") as file:
        file.write((8 + len(note)).to_bytes(4, "big") + b"free" + note)


if __name__ == "__main__":
    report()
