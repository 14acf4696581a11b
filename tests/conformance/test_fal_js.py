"""fal's own JavaScript client, unchanged, drives the simulator.

It is installed from its registry by npm, at the versions of the lock file, so
this runs in `make conformance` and not with the other tests.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from storyboard.simulators.server import simulation

pytestmark = pytest.mark.conformance

SCRIPT = Path(__file__).parent / "fal_js"
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script and the client."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed here")
    folder = tmp_path_factory.mktemp("fal") / "js"
    shutil.copytree(SCRIPT, folder, ignore=shutil.ignore_patterns("node_modules"))
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        install, cwd=folder, capture_output=True, text=True, timeout=180, check=False
    )
    if done.returncode and any(code in done.stderr for code in UNREACHABLE):
        pytest.skip("the npm registry cannot be reached from here")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def seen(installed: Path) -> dict[str, Any]:
    """What the client saw."""
    picture = installed / "picture.png"
    Image.new("RGB", (320, 180), "navy").save(picture)
    with simulation("fal", speed=300, switches={"scale": 0.05}) as urls:
        driven = subprocess.run(
            ["node", "drive.mjs", urls["fal"], str(picture)],
            cwd=installed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert driven.returncode == 0, driven.stderr
        told: dict[str, Any] = json.loads(driven.stdout)
        told["uploaded"] = httpx.get(told["address"]).content == picture.read_bytes()
        told["jobs"] = httpx.get(f"{urls['fal']}/_simulator/ledger").json()["jobs"]
    return told


def test_upload(seen: dict[str, Any]) -> None:
    assert seen["uploaded"]


def test_subscribe_with_logs_and_the_result(seen: dict[str, Any]) -> None:
    assert seen["updates"][-1] == "COMPLETED"
    assert "IN_PROGRESS" in seen["updates"]
    assert seen["result"]["data"]["video"]["content_type"] == "video/mp4"
    assert seen["result"]["requestId"] == seen["jobs"][0]["id"]


def test_submit_status_and_a_result_too_early(seen: dict[str, Any]) -> None:
    assert seen["submitted"]["request_id"] == seen["jobs"][1]["id"]
    assert seen["status"]["status"] in {"IN_QUEUE", "IN_PROGRESS"}
    assert (seen["early"]["status"], seen["early"]["body"]) == (
        400,
        {"detail": "Request is still in progress"},
    )


def test_cancel(seen: dict[str, Any]) -> None:
    assert seen["cancelled"]["error_type"] == "client_cancelled"
    assert seen["jobs"][1]["status"] == "cancelled"


def test_what_is_refused(seen: dict[str, Any]) -> None:
    assert seen["invalid"]["api"]
    assert seen["invalid"]["status"] == 422
    assert seen["invalid"]["fields"][0]["type"] == "literal_error"
    assert seen["unknown"]["status"] == 404
    assert seen["key"]["status"] == 401
    assert seen["locked"]["status"] == 403
    assert len(seen["jobs"]) == 2
