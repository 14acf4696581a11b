"""What a provider names as its clip is fetched only from where that is safe, and within limits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from kiln import Job, KilnServer

from storyboard.remote.download import DownloadFailed, download


def fetched(url: str, path: Path, *, local: bool = True, largest: int = 1 << 20) -> bytes:
    asyncio.run(download(url, path, local=local, largest=largest))
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clip.mp4"


@pytest.fixture
def url(server: KilnServer) -> str:
    server.jobs["one"] = Job("one", None, "a stair", 1, None)
    return f"{server.url}/files/one.mp4"


def test_a_file_comes_whole_and_without_the_key(url: str, server: KilnServer, path: Path) -> None:
    assert fetched(url, path)[4:8] == b"ftyp"
    assert server.seen[-1][2] is None


def test_redirects_are_followed(url: str, server: KilnServer, path: Path) -> None:
    server.faults["files"] = [f"redirect {url}", "redirect /files/one.mp4"]

    assert fetched(url, path)


def test_redirects_without_an_end_are_not(url: str, server: KilnServer, path: Path) -> None:
    server.faults["files"] = [f"redirect {url}"] * 9

    with pytest.raises(DownloadFailed, match="redirected more than"):
        fetched(url, path)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://clips.example/1.mp4", "is not https"),
        ("ftp://clips.example/1.mp4", "is not https"),
        ("file:///etc/passwd", "is not https"),
        ("https://127.0.0.1/1.mp4", "127.0.0.1, which is not a public address"),
        ("https://localhost/1.mp4", "not a public address"),
        ("https://10.1.2.3/1.mp4", "not a public address"),
        ("https://169.254.169.254/latest", "not a public address"),
        ("https://[::1]/1.mp4", "not a public address"),
        ("https://[::ffff:10.0.0.1]/1.mp4", "not a public address"),
        ("https://[fd00::1]/1.mp4", "not a public address"),
        ("https://224.0.0.1/1.mp4", "not a public address"),
    ],
)
def test_a_public_provider_cannot_point_into_the_users_network(
    url: str, told: str, path: Path
) -> None:
    with pytest.raises(DownloadFailed, match=told):
        fetched(url, path, local=False)


def test_nor_can_a_local_one_point_elsewhere_in_it(
    url: str, server: KilnServer, path: Path
) -> None:
    server.faults["files"] = ["redirect http://10.1.2.3/1.mp4"]

    with pytest.raises(DownloadFailed, match="is not https"):
        fetched(url, path)


def test_what_is_too_large_is_not_fetched(url: str, path: Path) -> None:
    with pytest.raises(DownloadFailed, match="more than"):
        fetched(url, path, largest=100)


@pytest.mark.parametrize(
    ("fault", "told"),
    [("expired", "answers 403"), ("half", None), ("drop", "lost in the middle")],
)
def test_what_goes_wrong_is_told_without_the_address(
    url: str, server: KilnServer, path: Path, fault: str, told: str | None
) -> None:
    server.faults["files"] = [fault]
    if told is None:  # a shorter file that says of itself that it is whole: for `verify` to find
        assert fetched(url, path)
        return

    with pytest.raises(DownloadFailed, match=told) as caught:
        fetched(url, path)

    assert "one.mp4" not in str(caught.value)
