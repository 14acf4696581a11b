"""Whether the video libraries are there, and can do what films need."""

from __future__ import annotations

_NEEDED = ("libx264", "aac")


def pyav() -> tuple[bool, str]:
    """Whether PyAV works, and what it is or lacks."""
    try:
        import av
    except (ImportError, OSError) as error:
        return False, f"cannot be loaded: {error}"
    lacking = [name for name in _NEEDED if name not in av.codecs_available]
    if lacking:
        return False, f"{av.__version__} without {', '.join(lacking)}"
    return True, f"{av.__version__}, with {' and '.join(_NEEDED)}"


def ffmpeg() -> tuple[bool, str]:
    """Whether the ffmpeg that moviepy uses works, and which it is."""
    try:
        import imageio_ffmpeg

        where, version = imageio_ffmpeg.get_ffmpeg_exe(), imageio_ffmpeg.get_ffmpeg_version()
    except (ImportError, OSError, RuntimeError) as error:
        return False, f"cannot be used: {error}"
    return True, f"{version}, {where}"
