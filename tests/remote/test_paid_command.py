"""The command with a provider that costs money: what it asks, says, and exits with."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from kiln import KEY, KilnServer

from quick_command import quick_command

HERE = Path(__file__).parent
FILM = """\
version: 1
title: Stairs
size: 160x90
fps: 12
defaults: {model: kiln/clip, duration: 1}
shots:
  - {id: stair, prompt: "a stair"}
  - {id: door, prompt: "a door"}
"""


@dataclass
class Command:
    """The real command, in a folder with a film, the kiln being installed."""

    folder: Path
    url: str
    variables: dict[str, str] = field(default_factory=lambda: {"KILN_KEY": KEY})

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(HERE), str(HERE / "installed")])
        return {
            **{name: v for name, v in os.environ.items() if not name.endswith("_KEY")},
            "PYTHONPATH": path,
            "STORYBOARD_KILN_URL": self.url,
            **self.variables,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = quick_command(arguments, self.folder, self.environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def at_a_terminal(self, answer: str, *arguments: str) -> tuple[int, str]:
        """Run it at a terminal, and type an answer to its question."""
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "storyboard", *arguments],
            cwd=self.folder, env=self.environment, stdin=slave, stdout=slave, stderr=slave,
        )  # fmt: skip
        os.close(slave)
        said, deadline = b"", time.monotonic() + 60
        answered = False
        while time.monotonic() < deadline:
            if select.select([master], [], [], 0.1)[0]:
                try:
                    said += os.read(master, 4096)
                except OSError:  # the other end is closed: it has ended
                    break
            if b"[y/N]" in said and not answered:
                answered = True
                os.write(master, answer.encode() + b"\n")
        os.close(master)
        return process.wait(10), said.decode()


@pytest.fixture
def command(tmp_path: Path, server: KilnServer) -> Command:
    (tmp_path / "storyboard.yaml").write_text(FILM)
    return Command(tmp_path, server.url)


def summary(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return last


def test_a_film_is_built_with_consent_and_its_cost_told(
    command: Command, server: KilnServer
) -> None:
    done = command.run("build", "--yes", "--json")

    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    sent = [event for event in events if event["event"] == "submitted"]
    assert [(each["step"], each["provider"]) for each in sent] == [
        ("generate:stair", "kiln"),
        ("generate:door", "kiln"),
    ]
    assert {each["job"] for each in sent} == set(server.jobs)
    assert summary(done)["cost_usd"] == pytest.approx(0.2)
    again = command.run("build", "--json")  # costs nothing: nobody is asked
    assert again.returncode == 0
    assert summary(again)["cost_usd"] == 0
    assert len(server.jobs) == 2


def test_without_consent_nothing_is_sent(command: Command, server: KilnServer) -> None:
    done = command.run("build")

    assert done.returncode == 3
    assert (
        "This build costs money: $0.10 to $0.20 for 2 clips, 1 of which waits for frames."
        in done.stderr
    )
    assert "build with --yes" in done.stderr
    assert server.seen == []


@pytest.mark.parametrize("answer", ["n", ""])
def test_at_a_terminal_no_is_no(command: Command, server: KilnServer, answer: str) -> None:
    code, said = command.at_a_terminal(answer, "build")

    assert code == 3
    assert "This build costs $0.10 to $0.20 for 2 clips, 1 of which waits for frames." in said
    assert server.seen == []


def test_at_a_terminal_yes_builds(command: Command, server: KilnServer) -> None:
    code, said = command.at_a_terminal("y", "build")

    assert code == 0, said
    assert "$0.20" in said
    assert len(server.jobs) == 2


@pytest.mark.parametrize(("limit", "code"), [("0.19", 3), ("0.2", 0)])
def test_max_cost_is_against_the_high_price(command: Command, limit: str, code: int) -> None:
    assert command.run("build", "--yes", "--max-cost", limit).returncode == code


def test_an_amount_that_is_none_is_told(command: Command) -> None:
    done = command.run("build", "--max-cost", "lots")

    assert done.returncode == 2
    assert "`lots` is no amount of US dollars" in done.stderr


def test_the_films_budget_counts_what_was_spent(command: Command) -> None:
    film = command.folder / "storyboard.yaml"
    film.write_text(FILM.replace("fps: 12", "fps: 12\nbudget: 0.25"))
    assert command.run("build", "--yes").returncode == 0
    film.write_text(film.read_text().replace("a door", "a gate"))

    done = command.run("build", "--yes")

    assert done.returncode == 3
    assert "$0.05 left: $0.20 are spent" in done.stderr


def test_a_missing_key_is_told_before_anything_is_sent(
    command: Command, server: KilnServer
) -> None:
    command.variables = {}

    done = command.run("build", "--yes")

    assert done.returncode == 2
    assert "There is no key for kiln: KILN_KEY is not set." in done.stderr
    assert server.seen == []


def test_a_refusal_exits_with_1(command: Command, server: KilnServer) -> None:
    server.faults["submit"] = [422]

    done = command.run("build", "--yes")

    assert done.returncode == 1
    assert "stair: kiln: invalid request: 422 on submit, key ***" in done.stderr
    assert KEY not in done.stderr


def test_an_unknown_outcome_exits_with_4(command: Command, server: KilnServer) -> None:
    command.variables["KILN_MEANS"] = "nothing"
    server.faults["submit"] = ["lose"]

    done = command.run("build", "--yes", "--json")

    assert done.returncode == 4
    assert (summary(done)["unknown"], summary(done)["failed"]) == (1, 0)
    failed = json.loads(done.stdout.splitlines()[-2])
    assert failed["event"] == "step_failed"
    assert failed["unknown"]
    planned = command.run("plan")
    assert "asked for already: nothing more to pay" in planned.stdout
    again = command.run("build")  # what may be paid already needs no consent, the rest does
    assert again.returncode == 3
    assert server.submits == 1


def test_a_job_of_a_shot_that_changed_is_collected_by_a_build_with_nothing_to_do(
    command: Command, server: KilnServer
) -> None:
    film = command.folder / "storyboard.yaml"
    one = FILM.replace('  - {id: door, prompt: "a door"}\n', "")
    film.write_text(one.replace("kiln/clip", "animatic"))
    assert command.run("build").returncode == 0
    film.write_text(one)
    command.variables["KILN_DEADLINE"] = "0.2"
    server.stuck = True
    assert command.run("build", "--yes").returncode == 4
    film.write_text(one.replace("kiln/clip", "animatic"))
    server.stuck = False

    done = command.run("build")

    assert done.returncode == 0
    assert "kept     stair: job 1 at kiln, which nothing asks for now" in done.stderr
    film.write_text(one)
    assert summary(command.run("build", "--json"))["generated"] == 0
    assert server.submits == 1


def test_jobs_lists_what_is_in_question_and_settles_it(
    command: Command, server: KilnServer
) -> None:
    command.variables["KILN_MEANS"] = "nothing"
    server.faults["submit"] = ["lose"]
    assert command.run("build", "--yes").returncode == 4

    listed = command.run("jobs")
    (job,) = json.loads(command.run("jobs", "--json").stdout)["jobs"]
    refused = command.run("jobs", "resubmit", "1")

    assert "1  unknown   stair  kiln/clip" in listed.stdout
    assert "up to $0.10" in listed.stdout
    assert "storyboard jobs adopt 1" in listed.stdout
    assert (job["state"], job["job"], job["shot"]) == ("unknown", None, "stair")
    assert job["verbs"] == ["adopt", "resubmit", "forget"]
    assert refused.returncode == 3
    assert "as much again for the new one" in refused.stderr
    adopted = command.run("jobs", "adopt", "1", "kiln-1")
    assert "Job 1 is kiln-1: it is finished; the next build collects its clip." in adopted.stderr
    assert command.run("build", "--yes").returncode == 0
    assert server.submits == 2
    assert "2 that ended" in command.run("jobs").stderr


def test_requests_shows_the_very_submit(command: Command, server: KilnServer) -> None:
    asked = json.loads(command.run("requests", "--json").stdout)["requests"]

    assert asked[0] == {
        "step": "generate:stair",
        "shot": "stair",
        "segment": None,
        "provider": "kiln",
        "method": "POST",
        "url": "https://api.kiln.example/jobs",
        "headers": {"Authorization": "Bearer <KILN_KEY>", "Content-Type": "application/json"},
        "body": {
            "id": "<new UUID>", "mark": None, "prompt": "a stair", "seconds": 1, "frame": None
        },
    }  # fmt: skip
    assert asked[1]["body"]["frame"] == "<frame of frame:stair@hand-over>"
    assert server.seen == []


def test_models_shows_what_a_model_costs_and_how_sure_that_is(command: Command) -> None:
    listed = command.run("models").stdout
    (model,) = json.loads(command.run("models", "kiln/clip", "--json").stdout)["models"]

    assert "kiln/clip" in listed
    assert "$0.1 a second" in listed
    assert model["durations_s"] == [1, 2]
    assert model["prices"] == [
        {
            "modes": ["text", "first_frame"],
            "audio": "any",
            "options": {},
            "usd_per_second": {"low": 0.1, "high": 0.1},
            "confidence": "source page",
            "source": "these tests",
            "as_of": "2026-11",
        }
    ]
    assert "source page: these tests, 2026-11" in command.run("models", "kiln/clip").stdout
    unknown = command.run("models", "kiln/clop")
    assert unknown.returncode == 2
    assert "Did you mean `kiln/clip`" in unknown.stderr


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    return {each["about"]: each for each in json.loads(done.stdout)["findings"]}


def test_doctor_looks_at_keys_libraries_and_disk(command: Command, server: KilnServer) -> None:
    done = command.run("doctor", "--json")

    assert done.returncode == 0
    found = findings(done)
    assert found["PyAV"]["health"] == found["ffmpeg"]["health"] == "ok"
    assert "GiB free" in found["disk"]["message"]
    assert found["kiln"]["message"] == f"KILN_KEY is set, at {server.url}"
    assert server.seen == []
    assert KEY not in done.stdout


def test_doctor_says_which_missing_key_this_film_needs(command: Command) -> None:
    assert findings(command.run("doctor", "--json"))["film"]["message"] == (
        "a build of storyboard.yaml asks kiln for 2 clips"
    )
    del command.variables["KILN_KEY"]

    done = command.run("doctor", "--json")

    assert done.returncode == 1
    found = findings(done)
    assert found["kiln"] == {
        "about": "kiln",
        "health": "bad",
        "message": "no key: KILN_KEY or KILN_API_KEY is not set, and this film asks it for 2 clips",
    }
    assert found["fal"]["health"] == "note"  # no shot asks it
    (command.folder / "storyboard.yaml").write_text(FILM.replace("kiln/clip", "animatic"))
    done = command.run("doctor", "--json")
    assert (done.returncode, findings(done)["kiln"]["health"]) == (0, "note")
    (command.folder / "storyboard.yaml").write_text("version: 1")
    done = command.run("doctor", "--json")
    assert done.returncode == 0  # the machine can build
    assert findings(done)["film"]["message"] == "storyboard.yaml: The storyboard has errors."


def test_doctor_asks_the_provider_whether_it_accepts_the_key(
    command: Command, server: KilnServer
) -> None:
    # the others have no key here, and are not asked
    accepted = command.run("doctor", "--online", "--json")
    assert findings(accepted)["kiln"]["message"] == f"KILN_KEY is accepted, at {server.url}"
    command.variables["KILN_KEY"] = "another"

    refused = command.run("doctor", "--online", "--json")

    assert refused.returncode == 1
    assert "is not accepted" in findings(refused)["kiln"]["message"]
    assert "another" not in refused.stdout
    assert server.submits == 0
