"""Whereabouts: where a storyboard is, and the store of what is made for it."""

from __future__ import annotations

import os

DEFAULT_NAME = "storyboard.yaml"
STORE = ".storyboard"


def film_at(path: str | None) -> str | None:
    """The storyboard that a PATH means, as an absolute path without links.

    None where there is none, or a link in its place; `pipeline.find_storyboard`
    tells the user what is wrong.
    """
    if path is None:
        folder = os.getcwd()
        while not os.path.isfile(os.path.join(folder, DEFAULT_NAME)):
            if folder == os.path.dirname(folder):
                return None
            folder = os.path.dirname(folder)
        path = os.path.join(folder, DEFAULT_NAME)
    elif os.path.isdir(path):
        path = os.path.join(path, DEFAULT_NAME)
    film = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    return film if os.path.isfile(film) and not os.path.islink(film) else None


def store_root(folder: str) -> str:
    """Where the store of a storyboard in `folder`, a path without links, is.

    At the root of the git repo that the folder is in, so that the episodes of
    a series share clips, else in the folder itself.
    """
    candidate = folder
    while not os.path.exists(os.path.join(candidate, ".git")):  # a file, in a worktree
        if candidate == os.path.dirname(candidate):
            return os.path.join(folder, STORE)
        candidate = os.path.dirname(candidate)
    return os.path.join(candidate, STORE)
