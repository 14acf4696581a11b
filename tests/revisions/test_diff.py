"""`diff`: what changed between two states of a film, shot by shot, and what it costs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from revised_film import PAID, Document, Film, by


@pytest.fixture
def committed(film: Film) -> Film:
    """The film, committed once."""
    film.commit()
    return film


def diff(film: Film, *arguments: str) -> dict[str, Document]:
    """The shots of a comparison, by their id now."""
    return by("shot", film.document("diff", *arguments)["shots"])


def fields(entries: list[Document]) -> dict[str, tuple[object, object]]:
    return {each["field"]: (each["old"], each["new"]) for each in entries}


def test_nothing_that_matters_has_changed(committed: Film) -> None:
    committed.write("# a comment\n" + PAID.replace("{id: pier, prompt:", "{ prompt:").replace('dawn"', 'dawn", id: pier'))  # fmt: skip

    found = committed.document("diff")

    assert (found["shots"], found["cuts"], found["film"]) == ([], [], [])
    assert found["totals"] == {"generate": 0, "follow": 0, "made": 0, "cost_usd": {"low": 0, "high": 0}}  # fmt: skip
    assert "The same film" in committed.run("diff").out


def test_a_change_is_told_with_its_price_and_what_may_follow(committed: Film) -> None:
    committed.edit(("a pier at dawn", "a pier at dusk"))

    found = committed.document("diff")

    shots = by("shot", found["shots"])
    assert set(shots) == {"pier", "ferry", "wake"}
    assert shots["pier"]["change"] == "changed"
    assert fields(shots["pier"]["asked"]) == {"prompt": ("a pier at dawn", "a pier at dusk")}
    assert shots["pier"]["cost_usd"] == {"low": 0.35, "high": 0.35}
    assert [shots[name]["change"] for name in ("ferry", "wake")] == ["follows", "follows"]
    assert shots["wake"]["cost_usd"] == {"low": 0, "high": 0.35}
    assert [shots[name]["after"] for name in ("ferry", "wake")] == [["pier"], ["pier"]]
    assert found["totals"] == {
        "generate": 1, "follow": 2, "made": 0, "cost_usd": {"low": 0.35, "high": 1.05},
    }  # fmt: skip
    assert found["old"]["revision"] == "HEAD"
    assert found["new"] == {"revision": None, "commit": None}


def test_a_change_of_model_is_told_with_all_that_is_asked_for_otherwise(film: Film) -> None:
    film.write(PAID.replace("runware/kling-2.6-pro", "animatic/kling-lengths"))
    film.commit()
    film.write(PAID)

    pier = diff(film)["pier"]

    assert pier["change"] == "changed"
    told = fields(pier["asked"])
    assert told["model"] == ("animatic/kling-lengths", "runware/kling-2.6-pro")
    assert len(told) == len(pier["asked"])


def test_joins_trims_and_sound_are_free(committed: Film) -> None:
    committed.edit(
        ('prompt: "a town by night"', 'prompt: "a town by night", transition: {crossfade: 1}'),
        ('prompt: "a ferry leaves"', 'prompt: "a ferry leaves", trim: {start: 1}, fit: crop'),
        ("title: Harbour", "title: Port"),
    )

    found = committed.document("diff")

    shots = by("shot", found["shots"])
    assert {name: shot["change"] for name, shot in shots.items()} == {"town": "free", "ferry": "free"}  # fmt: skip
    assert fields(shots["town"]["free"])["transition.kind"] == ("cut", "crossfade")
    assert fields(shots["ferry"]["free"]) == {"trim.start": (0, 1), "fit": (None, "crop")}
    assert fields(found["film"]) == {"title": ("Harbour", "Port")}
    assert [(cut["cut"], cut["change"]) for cut in found["cuts"]] == [("main", "changed")]
    assert found["totals"]["cost_usd"]["high"] == 0


def test_added_removed_renamed_and_moved(committed: Film) -> None:
    committed.write(
        PAID.partition("shots:")[0]
        + """\
shots:
  - {id: town, prompt: "a town by night", chain: false}
  - {id: quay, prompt: "a pier at dawn", chain: false}
  - {id: ferry, prompt: "a ferry leaves"}
  - {id: isle, prompt: "an isle"}
"""
    )

    shots = diff(committed)

    assert {name: (shot["was"], shot["change"]) for name, shot in shots.items()} == {
        "town": ("town", "same"),
        "quay": ("pier", "same"),
        "isle": (None, "added"),
        "wake": ("wake", "removed"),
    }
    assert shots["town"]["moved"] == {"from": 4, "to": 1}
    assert shots["quay"]["renamed"]
    assert shots["quay"]["moved"] is None
    assert shots["isle"]["cost_usd"]["high"] == 0.35


def test_a_renamed_shot_that_follows_a_change_is_still_the_same(committed: Film) -> None:
    committed.edit(("a pier at dawn", "a pier at dusk"), ("id: ferry", "id: boat"))

    shots = diff(committed)

    assert (shots["boat"]["was"], shots["boat"]["change"]) == ("ferry", "follows")
    assert shots["wake"]["asked"] == []  # it starts from the same shot, which has another name


def test_another_neighbour_is_a_change_of_the_shot_itself(committed: Film) -> None:
    committed.edit(('prompt: "gulls over the wake"', 'prompt: "gulls over the wake", chain: false'))

    shots = diff(committed)

    assert fields(shots["wake"]["asked"])["first_frame"] == ("frame:ferry@hand-over", None)


def test_what_is_made_already_costs_nothing(committed: Film) -> None:
    committed.make()
    committed.edit(("a town by night", "a town in fog"))
    committed.make("town")
    committed.edit(("gulls over", "terns over"))

    shots = diff(committed)
    back = committed.document("diff", "HEAD")

    assert shots["town"]["made"] == shots["town"]["steps"] == ["generate:town"]
    assert shots["town"]["cost_usd"] == {"low": 0, "high": 0}
    assert shots["wake"]["cost_usd"] == {"low": 0.35, "high": 0.35}  # its frame is there
    assert back["totals"] == {"generate": 1, "follow": 0, "made": 1, "cost_usd": {"low": 0.35, "high": 0.35}}  # fmt: skip
    assert "made already" in committed.run("diff").out


def test_two_revisions_against_each_other_touch_nothing(committed: Film) -> None:
    first = committed.git("rev-parse", "HEAD")
    committed.edit(("a pier at dawn", "a pier at dusk"))
    committed.git("add", "-A")
    second = committed.commit()
    committed.write("not: [a storyboard")  # which the working tree is now
    before = {path: path.stat().st_mtime_ns for path in committed.folder.rglob("*")}

    forth, back = diff(committed, first[:9], "main"), diff(committed, second, "HEAD~1")

    assert fields(forth["pier"]["asked"]) == {"prompt": ("a pier at dawn", "a pier at dusk")}
    assert fields(back["pier"]["asked"]) == {"prompt": ("a pier at dusk", "a pier at dawn")}
    assert {path: path.stat().st_mtime_ns for path in committed.folder.rglob("*")} == before


def test_files_are_those_of_the_revision(film: Film) -> None:
    film.write("templates:\n  wide: {params: {what: {}}, shot: {prompt: 'wide {{ what }}'}}\n", "film/looks.yaml")  # fmt: skip
    film.write("id: end\nshots: [{id: last, prompt: the end, first_frame: 'art/{{ 1 + 1 }}.png'}]\n", "film/end.yaml")  # fmt: skip
    film.picture("film/art/2.png", "red")
    film.picture("shared/start.png", "red")
    (film.folder / "film" / "link").symlink_to("../shared")
    film.write(
        PAID.partition("shots:")[0]
        + "use: [looks.yaml]\nscenes:\n  - id: begin\n    shots:\n"
        + "      - {id: one, template: wide, with: {what: a pier}, first_frame: //shared/start.png}\n"
        + "      - {id: two, prompt: two, first_frame: link/start.png}\n"
        + "  - file: end.yaml\n",
        "film/storyboard.yaml",
    )
    film.commit()
    assert diff(film, "HEAD", "--film", "film") == {}

    film.write("templates:\n  wide: {params: {what: {}}, shot: {prompt: 'far {{ what }}'}}\n", "film/looks.yaml")  # fmt: skip
    film.picture("film/art/2.png", "blue")
    film.picture("shared/start.png", "blue")
    (film.folder / "film" / "end.yaml").write_text(
        "id: coda\nshots: [{id: last, prompt: the end, first_frame: 'art/2.png'}]\n"
    )
    shots = diff(film, "--film", "film")

    assert fields(shots["one"]["asked"])["prompt"] == ("wide a pier", "far a pier")
    assert "shared/start.png (" in fields(shots["one"]["asked"])["first_frame"][0]  # type: ignore[operator]
    assert set(fields(shots["two"]["asked"])) == {"first_frame"}
    assert set(fields(shots["last"]["asked"])) == {"first_frame"}
    assert shots["last"]["scene"] == {"from": "end", "to": "coda"}


def test_a_picture_in_lfs_is_found_or_said_to_be_absent(film: Film) -> None:
    film.edit(("chain: false", "first_frame: start.png"))
    film.picture("start.png", "red")
    data = (film.folder / "start.png").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    film.write(f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(data)}\n", "start.png")  # fmt: skip
    film.commit()
    film.picture("start.png", "red")  # as git-lfs puts it into the working tree
    assert diff(film) == {}

    film.picture("start.png", "blue")
    absent = film.run("diff")
    assert absent.code == 2
    assert "start.png is kept by git LFS, and its bytes at HEAD are not here" in absent.err
    assert "git lfs fetch origin HEAD" in absent.err

    film.write(data, f".git/lfs/objects/{digest[:2]}/{digest[2:4]}/{digest}")
    assert set(diff(film)) == {"town"}


def test_what_is_wrong_at_a_revision_is_said_with_its_place_there(film: Film) -> None:
    film.edit(('prompt: "a pier at dawn"', 'promt: "a pier at dawn"'))
    film.commit()
    film.write(PAID)

    ran = film.run("diff")

    assert (ran.code, ran.out) == (2, "")
    assert "SB201" in ran.err
    assert "--> HEAD:storyboard.yaml:7:" in ran.err


def test_a_wrong_call_is_said(film: Film, tmp_path: Path) -> None:
    assert "Nothing is committed yet" in film.run("diff").err
    film.commit()
    film.git("branch", "feature")

    for arguments, said in [
        (["featur"], "Did you mean `feature`?"),
        (["--", "--output=x"], "There is no revision `--output=x`"),
        (["HEAD", "HEAD", "HEAD"], "two revisions at most"),
        (["HEAD:storyboard.yaml"], "There is no revision"),
    ]:
        ran = film.run("diff", *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert said in ran.err
    film.write(PAID, "ep02.yaml")
    absent = film.run("diff", "--film", "ep02.yaml")
    assert absent.code == 2
    assert "There is no ep02.yaml at HEAD" in absent.err
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "storyboard.yaml").write_text(PAID)
    no_repo = film.run("diff", cwd=outside)
    assert no_repo.code == 2
    assert "is in no git repository" in no_repo.err


def test_without_git_it_says_so(committed: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    ran = committed.run("diff")

    assert ran.code == 1
    assert "git is not installed" in ran.err


def test_cuts_and_profiles(committed: Film) -> None:
    committed.edit(
        ("shots:\n", "cuts: [{id: main}, {id: short, shots: [pier, town]}]\nprofiles: {cheap: {defaults: {model: animatic}}}\nshots:\n")
    )  # fmt: skip

    found = committed.document("diff")

    assert found["shots"] == []
    assert [(cut["cut"], cut["change"]) for cut in found["cuts"]] == [("short", "added")]
    committed.commit()
    committed.edit(("a town by night", "a town in fog"))
    cheap = committed.document("diff", "--profile", "cheap")
    assert cheap["profile"] == "cheap"
    assert cheap["totals"]["generate"] == 1
    assert cheap["totals"]["cost_usd"]["high"] == 0


def test_a_shot_that_is_made_of_another_number_of_clips_has_changed(film: Film) -> None:
    film.edit(('night", chain: false', 'night", chain: false, duration: 12'))
    film.commit()
    film.edit(("duration: 12", "duration: 4"))

    shorter = diff(film)["town"]

    assert shorter["change"] == "changed"
    assert fields(shorter["asked"]) == {"duration": (12, 4)}
    assert shorter["free"] == []
