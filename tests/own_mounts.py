"""Shell commands that may mount what they like, in a namespace of their own: nobody else sees it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

import pytest

_MOUNTS = ["unshare", "--map-root-user", "--mount", "sh", "-ec"]


def in_own_mounts(
    commands: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run commands that succeed; the test is skipped where mounting is not allowed.

    Args:
        commands: for `sh`.
        environment: all of it; this process's own by default.
    """
    try:
        probe = subprocess.run(
            [*_MOUNTS, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if probe.returncode:
        pytest.skip("mounting is not allowed here")
    return subprocess.run(
        [*_MOUNTS, commands],
        capture_output=True, text=True, timeout=60, check=True, env=environment,
    )  # fmt: skip
