"""Locks are merged by git itself: branches, with and without the merge driver."""

from __future__ import annotations

from pathlib import Path

import pytest
from locked_film import LockedFilm

from storyboard.facts import Place, Selection, Take
from storyboard.lock import Lock
from storyboard.lock_text import read_lock


def take(shot: str, number: int) -> Take:
    digit = f"{ord(shot):02x}"
    return Take(
        key=digit * 32, clip=f"{number:064x}", place=Place(shot), model="fal/kling-2.6-pro",
        job=f"{shot}-{number}", date=f"2026-07-{number:02}T10:00:00.000Z",
        request={"work": {"prompt": shot}},
    )  # fmt: skip


@pytest.fixture
def repo(tmp_path: Path) -> LockedFilm:
    """Shots a, b and c have a take each."""
    repo = LockedFilm(tmp_path / "film").lay()
    write(repo, Lock().changed([take("a", 1), take("b", 1), take("c", 1)]))
    repo.git("add", "-A")
    repo.git("commit", "-qm", "built")
    return repo


def write(repo: LockedFilm, lock: Lock) -> None:
    repo.lock.write_text(lock.text(), "utf-8")


def lock_of(repo: LockedFilm) -> Lock:
    lock, problems = read_lock(repo.lock.read_text("utf-8"), "storyboard.lock")
    assert problems == ()
    return lock


def branches(repo: LockedFilm, ours: Lock, theirs: Lock) -> None:
    for name, lock in (("theirs", theirs), ("ours", ours)):
        repo.git("checkout", "-q", "-b", name, "main")
        write(repo, lock)
        repo.git("commit", "-qam", name)


UNION = "storyboard.lock merge=union\n"


@pytest.mark.parametrize("union", [False, True])
@pytest.mark.parametrize(("mine", "yours"), [("a", "c"), ("a", "b"), ("b", "c")])
def test_takes_of_different_shots_merge_without_a_conflict(
    repo: LockedFilm, mine: str, yours: str, union: bool
) -> None:
    if union:
        (repo.folder / ".git/info/attributes").write_text(UNION)
    base = lock_of(repo)
    branches(repo, base.changed([take(mine, 2)]), base.changed([take(yours, 2)]))

    repo.git("merge", "-q", "theirs")

    both = base.changed([take(mine, 2), take(yours, 2)])
    assert repo.lock.read_text("utf-8") == both.text()


@pytest.mark.parametrize("mine", ["a", "b"])
def test_a_selection_and_a_take_of_a_neighbour_merge(repo: LockedFilm, mine: str) -> None:
    yours = {"a": "b", "b": "a"}[mine]
    base = lock_of(repo).changed([take("a", 2), take("b", 2)])
    write(repo, base)
    repo.git("commit", "-qam", "retaken")
    chosen = Selection(mine, take(mine, 1).identity)
    branches(repo, base.changed([chosen]), base.changed([take(yours, 3)]))

    repo.git("merge", "-q", "theirs")

    assert repo.lock.read_text("utf-8") == base.changed([chosen, take(yours, 3)]).text()


def test_takes_of_the_same_shot_need_the_driver_and_both_are_kept(repo: LockedFilm) -> None:
    base = lock_of(repo)
    branches(repo, base.changed([take("b", 2)]), base.changed([take("b", 3)]))
    repo.git("merge", "-q", "theirs", code=1)

    _, (conflict,) = read_lock(repo.lock.read_text("utf-8"), "storyboard.lock")
    assert conflict.code.number == "SB702"
    lines = repo.lock.read_text("utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if line[:7] not in {"<<<<<<<", "=======", ">>>>>>>"})
    by_hand, problems = read_lock(kept, "storyboard.lock")
    assert problems == ()

    repo.git("merge", "--abort")
    (repo.folder / ".git/info/attributes").write_text(UNION)
    repo.git("merge", "-q", "theirs")
    for merged in (by_hand, lock_of(repo)):
        assert [each.job for each in merged.takes(take("b", 1).key)] == ["b-1", "b-2", "b-3"]
        assert merged.text() == base.changed([take("b", 2), take("b", 3)]).text()


def test_two_selections_for_one_key_name_both(repo: LockedFilm) -> None:
    base = lock_of(repo).changed([take("b", 2), take("b", 3)])
    write(repo, base)
    repo.git("commit", "-qam", "retaken")
    (repo.folder / ".git/info/attributes").write_text(UNION)
    first, second = (Selection("b", take("b", number).identity) for number in (1, 2))
    branches(repo, base.changed([first]), base.changed([second]))

    repo.git("merge", "-q", "theirs")

    _, (problem,) = read_lock(repo.lock.read_text("utf-8"), "storyboard.lock")
    assert problem.code.number == "SB703"
    assert problem.span is not None
    assert problem.via is not None
    assert {problem.span.begins[0], problem.via.span.begins[0]} == {5, 6}


def test_the_same_take_on_both_sides_is_one(repo: LockedFilm) -> None:
    text = repo.lock.read_text("utf-8")
    twice, problems = read_lock(text + text, "storyboard.lock")

    assert problems == ()
    assert twice.text() == text
