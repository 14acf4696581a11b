"""Where the data files that ship with the tool are: schemas and templates."""

from __future__ import annotations

from pathlib import Path


def share(name: str) -> Path:
    """The folder `schemas` or `templates`: in the wheel, or at the root of a checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "_share" / name
    return packaged if packaged.is_dir() else here.parents[1] / name
