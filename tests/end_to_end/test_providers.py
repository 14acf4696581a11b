"""One film through every provider's simulator, over HTTP: only the profile differs."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from film_repo import FilmRepo

from storyboard import providers
from storyboard.media.frames import frames_in_order
from storyboard.remote_provider import RemoteProvider
from storyboard.simulators import names
from storyboard.simulators.server import simulation

FPS = 12
SHOTS = 12
SECONDS = Fraction(3, 4)  # of each shot: what is generated is longer, and cut
SWITCHES = {"scale": 0.3}  # pictures of 576 x 324: no smaller ones are taken
SPEED = 3000.0
KEY = "sk-the-id:sk-the-secret"


def _models() -> dict[str, str]:
    """A model that takes text and first frames, by provider."""
    found = {}
    for name in names():
        provider = providers.find(name)
        assert isinstance(provider, RemoteProvider)
        found[name] = next(
            model.name
            for model in provider.models().values()
            if {"text", "first_frame"} <= model.modes
        )
    return found


MODELS = _models()


def storyboard(count: int = SHOTS) -> str:
    """Two chains, side by side."""
    film = {
        "version": 1,
        "title": "Two chains",
        "size": "160x90",
        "fps": FPS,
        "defaults": {"duration": float(SECONDS), "negative_prompt": "text"},
        "profiles": {name: {"override": {"model": model}} for name, model in MODELS.items()},
        "shots": [
            {"id": f"s{number}", "chain": "ab"[number % 2], "prompt": f"a boat, part {number}"}
            for number in range(1, count + 1)
        ],
    }
    return json.dumps(film)


def environment(name: str, url: str) -> dict[str, str]:
    provider = providers.find(name)
    assert isinstance(provider, RemoteProvider)
    return {provider.auth.variables[0]: KEY, f"STORYBOARD_{name.upper()}_URL": url}


def ledger(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/_simulator/ledger", timeout=10) as answer:
        read: dict[str, Any] = json.load(answer)
    return read


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_film_of_two_chains_is_built_by_each_provider(tmp_path: Path, name: str) -> None:
    repo = FilmRepo(tmp_path / "repo", storyboard())
    with simulation(name, speed=SPEED, switches=SWITCHES) as urls:
        url = urls[name]
        told = ("--listen", "127.0.0.1:0")  # by webhook, where the provider has that
        asked = ("build", "--profile", name, "--yes", "--json", *told)
        ran = repo.run(*asked, env=environment(name, url))
        assert ran.code == 0, ran.out + ran.err
        billed = ledger(url)

        again = repo.run("build", "--profile", name, "--json", env=environment(name, url))
        assert again.code == 0
        assert ledger(url) == billed

    events = ran.events
    assert not [event for event in events if event["event"] == "webhook_ignored"]
    summary = events[-1]
    assert summary["generated"] == SHOTS
    assert len(billed["jobs"]) == SHOTS
    assert all(job["duplicate_of"] is None for job in billed["jobs"])
    (film,) = summary["cuts"].values()
    assert sum(1 for _ in frames_in_order(Path(film))) == SHOTS * SECONDS * FPS

    frames = {
        event["step"]: hashlib.sha256(Path(event["output"]).read_bytes()).hexdigest()
        for event in events
        if event["event"] == "step_done" and event["kind"] == "frame"
    }
    jobs = {event["shot"]: event["job"] for event in events if event["event"] == "submitted"}
    received = {job["id"]: job["frames_sha256"] for job in billed["jobs"]}
    graph = repo.run("graph", "--profile", name, "--json").document
    given = {
        action["shot"]: [frames[each] for each in action["inputs"]]
        for action in graph["actions"]
        if action["kind"] == "generate"
    }
    assert sum(bool(each) for each in given.values()) == SHOTS - 2
    assert {shot: received[job] for shot, job in jobs.items()} == given


FAULTS = [
    {"kind": "rate", "retry_after": 0},
    {"kind": "refuse", "skip": 1, "words": f"not with {KEY}"},
    {"kind": "drop_after", "skip": 2},
    {"kind": "server_error", "on": ["poll"]},
    {"kind": "html", "on": ["poll"], "skip": 1},
    {"kind": "rate", "on": ["upload"], "retry_after": 0},
    {"kind": "truncated"},
    {"kind": "corrupt", "skip": 1},
    {"kind": "expired", "skip": 2},
]


@pytest.mark.parametrize("name", sorted(MODELS))
def test_with_faults_nothing_is_paid_twice_and_the_key_is_nowhere(
    tmp_path: Path, name: str
) -> None:
    repo = FilmRepo(tmp_path / "repo", storyboard(4))
    script = {name: {"faults": FAULTS}}
    said = ""
    with simulation(name, speed=SPEED, switches=SWITCHES, script=script) as urls:
        for _ in range(5):
            ran = repo.run("build", "--profile", name, "--yes", env=environment(name, urls[name]))
            said += ran.out + ran.err
            if ran.code in {0, 4}:  # all that can be done is done
                break
        billed = ledger(urls[name])

    assert ran.code in {0, 4}, said
    assert all(job["duplicate_of"] is None for job in billed["jobs"])
    assert len(billed["jobs"]) <= 4
    assert "not with ***" in said
    for secret in (KEY, "sk-the-secret"):
        assert secret not in said
        for path in repo.folder.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path
