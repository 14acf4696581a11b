"""`gc`: what nothing names goes, what was paid for stays, and the plan stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from revised_film import PAID, Document, Film

from storyboard.build_lock import build_lock
from storyboard.ledger import Ledger
from storyboard.store import Store, store_root

FREE = PAID.replace(", model: runware/kling-2.6-pro", "")


@pytest.fixture
def free(tmp_path: Path) -> Film:
    """A film that is drawn here, and was changed once: of its first text two clips and a frame are left."""
    film = Film(tmp_path / "film", FREE)
    film.make()
    film.edit(("a pier at dawn", "a pier at dusk"))
    film.make()
    return film


def blobs(film: Film) -> set[Path]:
    return {path for path in (film.folder / ".storyboard" / "blobs").rglob("*") if path.is_file()}


def statuses(film: Film) -> dict[str, str]:
    return {step["id"]: step["status"] for step in film.document("plan")["steps"]}


def gone(film: Film, *arguments: str) -> Document:
    """How many of each kind went."""
    totals: Document = film.document("gc", *arguments)["totals"]
    return {what: count for what, count in totals.items() if what != "bytes"}


def test_what_no_film_asks_for_goes_and_nothing_else(free: Film) -> None:
    before = statuses(free)

    assert gone(free) == {"clip": 2, "frame": 1}
    assert statuses(free) == before
    made = {step: now for step, now in before.items() if step.startswith(("generate", "frame"))}
    assert set(made.values()) == {"fresh"}
    assert gone(free) == {}
    assert "everything in the store is named" in free.run("gc").out


def test_a_change_that_is_not_built_yet_takes_nothing_away(free: Film) -> None:
    gone(free)
    free.edit(("a pier at dusk", "a pier by night"))

    assert gone(free) == {}
    free.edit(("a pier by night", "a pier at dusk"))
    assert "stale" not in statuses(free).values()


def test_an_earlier_text_is_simply_drawn_again(free: Film) -> None:
    gone(free)
    free.edit(("a pier at dusk", "a pier at dawn"))

    after = statuses(free)

    assert after["generate:pier"] == "stale"
    free.make()
    assert statuses(free)["generate:ferry"] == "fresh"


def test_what_was_paid_for_stays_with_its_frames(film: Film) -> None:
    film.make()
    film.edit(("a pier at dawn", "a pier at dusk"))
    film.make()
    before = blobs(film)

    assert gone(film) == {}
    assert blobs(film) == before
    film.write(FREE.replace("pier", "quay"))  # nothing asks for any of it now
    assert gone(film) == {}
    (film.folder / "storyboard.yaml").rename(film.folder / "other.yaml")
    assert film.document("gc", "other.yaml")["files"] == []


def test_what_a_lock_of_any_branch_or_tag_names_stays(free: Film) -> None:
    free.commit()
    old = {path for path in blobs(free) if path.stem in str(free.document("gc", "--dry-run"))}
    assert len(old) == 3
    locked, tagged, stashed = sorted(old)

    def lock(path: Path, name: str) -> None:
        free.write('{"lock":"storyboard","version":1}\n{"take":{"clip":"%s"}}\n' % path.stem, name)  # noqa: UP031 - braces

    free.git("checkout", "-q", "-b", "feature")
    lock(locked, "storyboard.lock")
    free.commit()
    free.git("checkout", "-q", "-b", "passing")
    lock(tagged, "deep/ep02.lock")
    free.commit()
    free.git("tag", "-a", "v1", "-m", "one")
    free.git("checkout", "-q", "main")
    free.git("branch", "-q", "-D", "passing")
    lock(stashed, "storyboard.lock")
    free.git("add", "-A")
    free.git("stash")

    assert gone(free) == {}
    assert old <= blobs(free)
    free.git("tag", "-d", "v1")
    assert sum(gone(free).values()) == 1
    assert tagged not in blobs(free)
    free.git("branch", "-D", "feature")
    free.git("stash", "drop")
    lock(stashed, "storyboard.lock")  # not even committed
    assert sum(gone(free).values()) == 1
    assert stashed in blobs(free)


def test_each_profile_and_each_film_of_the_store_keeps_its_own(free: Film) -> None:
    free.edit(("shots:\n", "profiles: {draft: {defaults: {duration: 1}}}\nshots:\n"))
    gone(free)
    free.make(profile="draft")
    free.write(FREE.replace("a town", "a city"), "ep02.yaml")

    assert gone(free) == {}
    (free.folder / "storyboard.yaml").unlink()
    assert gone(free, "ep02.yaml") == {"clip": 8, "frame": 2}  # of the same looks


def test_a_film_that_cannot_be_read_keeps_what_it_was_built_of(free: Film) -> None:
    free.edit(('prompt: "a ferry leaves"', 'promt: "a ferry leaves"'))

    found = free.document("gc")

    assert found["unread"] == ["storyboard.yaml"]
    assert found["totals"]["clip"] == 2  # those of its first text
    free.edit(('promt: "a ferry leaves"', 'prompt: "a ferry leaves"'))
    assert "stale" not in statuses(free).values()


def test_scratch_and_what_was_set_aside(free: Film) -> None:
    gone(free)
    store = Store(free.folder / ".storyboard")
    free.write("half a clip", ".storyboard/tmp/abc/clip.mp4")
    free.write("damaged", f".storyboard/corrupt/{'0' * 64}.mp4")

    said = free.run("gc").out

    assert "that builds which were killed left behind" in said
    assert "set aside as damaged" in said
    assert "freed." in said
    assert not [*(store.root / "corrupt").iterdir(), *(store.root / "tmp").iterdir()]


def test_a_film_that_was_replaced_goes(free: Film) -> None:
    spare = free.folder / ".storyboard" / "spare" / "0123456789abcdef.mp4"
    spare.parent.mkdir()
    spare.write_bytes(bytes(2000))

    assert gone(free, "--dry-run")["spare"] == 1
    assert "that others replaced" in free.run("gc").out
    assert not spare.exists()


def test_the_only_copy_of_a_paid_clip_stays_even_damaged(film: Film) -> None:
    film.make("pier")
    (clip,) = (path for path in blobs(film) if path.suffix == ".mp4")
    aside = film.folder / ".storyboard" / "corrupt" / clip.name
    aside.parent.mkdir()
    clip.rename(aside)

    assert gone(film) == {}
    assert aside.is_file()


def test_a_dry_run_and_what_is_too_young_change_nothing(free: Film) -> None:
    before = {path: path.stat().st_mtime_ns for path in free.folder.rglob("*")}

    dry = free.document("gc", "--dry-run")
    young = free.document("gc", "--older-than", "1", "--dry-run")

    assert (len(dry["files"]), dry["removed"]) == (3, False)
    assert young["files"] == []
    assert "would be freed" in free.run("gc", "--dry-run").out
    assert {path: path.stat().st_mtime_ns for path in free.folder.rglob("*")} == before


def test_killed_halfway_it_leaves_what_the_next_one_removes(free: Film) -> None:
    dry = free.document("gc", "--dry-run")["files"]
    with Ledger(free.folder / ".storyboard" / "ledger.sqlite3") as ledger:
        ledger.forget([Path(each["path"]).stem for each in dry])

    assert gone(free) == {"unknown": 3}
    assert "stale" not in statuses(free).values()


def test_it_waits_for_no_build_and_disturbs_none(free: Film) -> None:
    with build_lock(Store(store_root(free.folder))):
        busy = free.run("gc")

    assert busy.code == 1
    assert "another build is at work" in busy.err
    assert gone(free) == {"clip": 2, "frame": 1}


def test_where_nothing_was_built_there_is_nothing(film: Film) -> None:
    assert gone(film) == {}
    assert not (film.folder / ".storyboard").exists()


def test_quick_sums_go_with_their_blobs(free: Film) -> None:
    path = free.folder / ".storyboard" / "sums"

    def summed() -> set[str]:
        return {line.split(" ")[0] for line in path.read_text().splitlines()}

    before = summed()
    assert gone(free) == {"clip": 2, "frame": 1}

    assert summed() == {path.stem for path in blobs(free)}
    assert len(before - summed()) == 3
    written = path.stat().st_mtime_ns
    gone(free)
    assert path.stat().st_mtime_ns == written
