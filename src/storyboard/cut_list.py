"""The cut list: what a film is made of, and its sum.

The film itself is joined from that in the time of copying its bytes, always to
the same ones, so the store keeps the list and not a second film.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from storyboard.digest import digest
from storyboard.graph import Action, Given

_FORMAT = 1


def cut_list(cut: Action, files: Mapping[str, Path], film_sum: str) -> str:
    """A cut's work, the digests of its files and the sum of its film, as JSON.

    Args:
        cut: the action.
        files: by role, those that it was joined from; a blob's name is its digest.
        film_sum: of the film that came of it.
    """
    inputs = {
        role: source.digest if isinstance(source, Given) else files[role].stem
        for role, source in cut.inputs.items()
    }
    work = digest(cut.work.canonical())
    listed = {"format": _FORMAT, "work": work, "inputs": inputs, "film": film_sum}
    return json.dumps(listed, indent=0, sort_keys=True) + "\n"


def sum_in(listed: Path) -> str | None:
    """The sum of the film of a cut list; None where it is none, or damaged.

    Raises:
        OSError: it cannot be read.
    """
    try:
        found = json.loads(listed.read_bytes())["film"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None
