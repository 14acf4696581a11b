"""The command: what it prints, how it ends, what it says of mistakes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from storyboard.cli import run

COMMAND = (sys.executable, "-m", "storyboard", "simulate")


def test_it_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text('{"fal": {"switches": {"balance_usd": 3}}}')
    with subprocess.Popen(
        [*COMMAND, "--json", "--script", str(script)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        ready = json.loads(server.stdout.readline())
        assert ready["event"] == "ready"
        assert set(ready["providers"]) == {"runware", "fal", "aimlapi", "modelstream"}
        for name, balance in [("fal", 3), ("runware", 1000)]:
            url = f"{ready['providers'][name]}/_simulator/switches"
            with urlopen(url, timeout=10) as answer:
                assert json.load(answer)["balance_usd"] == balance
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 130
        assert server.stdout.read() == ""


def test_it_says_what_to_set() -> None:
    with subprocess.Popen(
        [*COMMAND, "--provider", "fal"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        lines = [server.stdout.readline().strip() for _ in range(2)]
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)
    assert lines[0].startswith("export STORYBOARD_FAL_URL=http://127.0.0.1:")
    assert lines[1] == "export FAL_KEY=any:key"


@pytest.mark.parametrize(
    ("arguments", "script", "said"),
    [
        (["--provider", "fall"], None, "Did you mean `fal`?"),
        (["--script", "none.yaml"], None, "none.yaml: No such file"),
        ([], "{", "neither YAML nor JSON"),
        ([], "- a", "is no script"),
        ([], "fal: {fault: []}", "a script holds switches, faults, clock"),
        ([], "kling: {}", "the script is about kling: not simulated here"),
        (["--provider", "fal"], "runware: {}", "the script is about runware"),
        ([], "fal: {switches: {strict: 5}}", "strict is a bool"),
    ],
)
def test_mistakes_are_told(
    arguments: list[str],
    script: str | None,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if script is not None:
        path = tmp_path / "script.yaml"
        path.write_text(script)
        arguments = [*arguments, "--script", str(path)]
    assert run(["simulate", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run(["simulate", "--port", str(taken.getsockname()[1])]) == 1
    assert "cannot be used" in capsys.readouterr().err


def test_without_the_extra_it_says_how_to_install_it() -> None:
    without = (
        "import sys; sys.modules['starlette'] = None; from storyboard.cli import run;"
        " sys.exit(run(['simulate']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", without], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert "needs starlette, which is not installed" in ran.stderr
    assert "pip install 'storyboard-compiler[simulate]'" in ran.stderr
