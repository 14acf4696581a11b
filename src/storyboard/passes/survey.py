"""survey: looks at the files that a storyboard names: are they there, what are they, their digests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.assets import Asset, AssetKind, Assets, cues_of
from storyboard.diagnostics import nearest
from storyboard.letters import SHIPPED, letters_of
from storyboard.model import Picture, Shot, Size, Sound, Storyboard
from storyboard.paths import Outside, Repository
from storyboard.sightings import Sightings
from storyboard.subtitles import Cue, read_subtitles
from storyboard.titling import wordings

if TYPE_CHECKING:
    from storyboard.sightings import Fact

_KEPT = ("picture", "video", "sound")
"""What takes long to look into."""


def survey(storyboard: Storyboard, folder: Path, sightings: Sightings | None = None) -> Assets:
    """Look at every file that the storyboard names. Only reads.

    What is wrong with a file is said in its asset, for `check` to report where
    the file is named.

    Args:
        storyboard: as `expand` gives it.
        folder: the storyboard's folder.
        sightings: notes every file that is read.
    """
    sightings = sightings or Sightings()
    repository = Repository.around(folder)
    assets: dict[tuple[str, AssetKind], Asset] = {}
    for path, kind in named_files(storyboard):
        if (path, kind) not in assets:
            assets[path, kind] = _look(path, kind, repository, sightings)
    for font, texts in _set_in(storyboard, assets).items():
        shipped = Asset(path=font, kind="font")
        assets[font, "font"] = _read(assets.get((font, "font"), shipped), texts, repository)
    return assets


def _set_in(storyboard: Storyboard, assets: Assets) -> dict[str, set[str]]:
    """The fonts that are used, each with what is set in it."""
    found: dict[str, set[str]] = {}
    for cut in storyboard.cuts:
        file = cut.captions.file if cut.captions else None
        # Whatever captions say that are not read yet, they are set in a font.
        cues = cues_of(file, assets) or ((Cue(Fraction(0), Fraction(1), ""),) if file else ())
        for each in wordings(cut, cues):
            try:
                letters = letters_of(each.style, storyboard.title_styles, each.start)
            except LookupError:  # check tells it
                continue
            text = each.text.upper() if letters.uppercase else each.text
            found.setdefault(letters.font, set()).add(text)
    return found


def _read(asset: Asset, texts: Iterable[str], repository: Repository) -> Asset:
    """A font, with what it has no letters for. The shipped one has those of English."""
    own = asset.path != SHIPPED
    texts = [text for text in texts if own or not text.isascii()]
    if asset.problem or not texts:
        return asset
    from storyboard.media.container import BadMedia
    from storyboard.media.typeface import remarks

    try:
        found = remarks(repository.folder / asset.path if own else None, texts)
    except (BadMedia, OSError) as error:
        return replace(asset, problem=f"`{asset.path}` cannot be used: {error}.")
    return replace(asset, remarks=found)


def named_files(storyboard: Storyboard) -> Iterator[tuple[str, AssetKind]]:
    """The files that a storyboard names, as it writes their paths, and what each is used as."""
    for cut in storyboard.cuts:
        for shot in cut.shots.values():
            yield from _named_by(shot)
        for sound in cut.soundtrack:
            yield from _file_of(sound)
        if cut.captions and cut.captions.file:
            yield cut.captions.file, "subtitles"
    for font in _set_in(storyboard, {}):
        if font != SHIPPED:
            yield font, "font"


def _named_by(shot: Shot) -> Iterator[tuple[str, AssetKind]]:
    for frame in (shot.first_frame, shot.last_frame):
        if isinstance(frame, Picture):
            yield frame.path, "picture"
    if shot.clip:
        yield shot.clip, "video"
    if shot.still and not shot.shows_color:
        yield shot.still, "picture"
    if shot.motion and isinstance(shot.motion.video, Picture):
        yield shot.motion.video.path, "video"
    if shot.transition.file:
        yield shot.transition.file, "picture"
    for sound in shot.sound:
        yield from _file_of(sound)


def _file_of(sound: Sound) -> Iterator[tuple[str, AssetKind]]:
    if sound.file:
        yield sound.file, "sound"


def _look(text: str, kind: AssetKind, repository: Repository, sightings: Sightings) -> Asset:
    try:
        path = repository.resolve(text)
    except Outside as error:
        return Asset(path=text, kind=kind, problem=str(error), help=error.help, outside=True)
    name = Path(os.path.relpath(path, repository.folder)).as_posix()
    try:
        digest = sightings.digest(path)
    except FileNotFoundError:
        return Asset(
            path=name,
            kind=kind,
            missing=True,
            problem=f"There is no file `{text}`.",
            help=_nearest(path, text),
        )
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        help_ = "Name a file in it." if isinstance(error, IsADirectoryError) else None
        return Asset(path=name, kind=kind, problem=f"`{text}` cannot be read: {why}.", help=help_)
    asset = Asset(path=name, kind=kind, digest=digest)
    fact = sightings.facts.get(f"{kind}:{digest}")
    if fact is None:
        asset = _measured(asset, path, text)
        if asset.problem is None and kind in _KEPT:
            sightings.facts[f"{kind}:{digest}"] = _fact(asset)
        return asset
    return _recalled(asset, fact)


def _fact(asset: Asset) -> Fact:
    """What a file holds, for the next time that the same bytes are met."""
    return {
        "size": [asset.size.width, asset.size.height] if asset.size else None,
        "duration": None if asset.duration is None else str(asset.duration),
        "has_sound": asset.has_sound,
    }


def _recalled(asset: Asset, fact: Fact) -> Asset:
    size, duration = fact["size"], fact["duration"]
    return replace(
        asset,
        size=Size(*size) if isinstance(size, list) else None,
        duration=Fraction(duration) if isinstance(duration, str) else None,
        has_sound=fact["has_sound"] is True,
    )


def _nearest(path: Path, text: str) -> str:
    try:
        names = [each.name for each in path.parent.iterdir()]
    except OSError:
        return f"There is no folder `{Path(text).parent.as_posix()}` either; {_counted(text)}."
    if near := nearest(path.name, names):
        return f"Did you mean `{(Path(text).parent / near[0]).as_posix()}`?"
    said = _counted(text)
    return f"{said[:1].upper()}{said[1:]}."


def _counted(text: str) -> str:
    if text.startswith("//"):
        return "`//` counts from the root of the repository"
    return "paths count from the storyboard's folder"


def _measured(asset: Asset, path: Path, text: str) -> Asset:
    """The asset with what its file holds; or with what is wrong with it."""
    from storyboard.media.container import BadMedia

    try:
        match asset.kind:
            case "picture":
                from storyboard.media.picture import picture_size

                return replace(asset, size=picture_size(path))
            case "video":
                from storyboard.media.probe import probe

                video = probe(path)
                return replace(
                    asset, size=video.shown, duration=video.duration, has_sound=video.has_sound
                )
            case "subtitles":
                return replace(asset, subtitles=read_subtitles(path.read_bytes(), path.name))
            case "sound":
                from storyboard.media.sound import sound_length

                return replace(asset, duration=sound_length(path), has_sound=True)
    except BadMedia as error:
        return replace(asset, problem=f"`{text}` cannot be used: {error}.")
    except OSError as error:
        return replace(asset, problem=f"`{text}` cannot be read: {error.strerror or error}.")
    return asset
