"""Clips are served as a CDN serves them, and as a bad one does."""

from __future__ import annotations

import time

import httpx
import pytest
from any_caller import Caller


def test_parts_of_a_clip(provider: Caller) -> None:
    url = provider.clip()
    whole = provider.get(url)
    size = len(whole.content)
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    for asked, start, end in [
        ("bytes=0-9", 0, 10),
        (f"bytes={size - 5}-", size - 5, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=3-{size * 2}", 3, size),
    ]:
        part = provider.get(url, Range=asked)
        assert part.status_code == 206
        assert part.content == whole.content[start:end]
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    beyond = provider.get(url, Range=f"bytes={size}-")
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{size}"
    head = provider.get(url, "HEAD")
    assert (head.headers["content-length"], head.content) == (str(size), b"")


def test_what_is_not_there(provider: Caller) -> None:
    url = provider.clip()
    assert provider.get(f"{url}x").status_code == 404
    assert provider.get(url, "POST").status_code == 404
    provider.knob("switches", {"lasts_s": 60.0})
    url = provider.clip()
    provider.knob("clock", {"advance_s": 61})
    assert provider.get(url).status_code == 403


def test_a_bad_download(provider: Caller) -> None:
    url = provider.clip()
    good = provider.get(url).content

    provider.knob("faults", [{"kind": "expired", "status": 404}])
    assert provider.get(url).status_code == 404
    provider.knob("faults", [{"kind": "half"}])
    half = provider.get(url)
    assert half.content == good[: len(good) // 2]
    provider.knob("faults", [{"kind": "corrupt"}])
    corrupt = provider.get(url).content
    assert len(corrupt) == len(good)
    assert corrupt != good
    provider.knob("faults", [{"kind": "truncated"}])
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        provider.get(url)
    provider.knob("faults", [{"kind": "wrong_length"}])
    assert len(provider.get(url).content) == len(good) // 2
    provider.knob("faults", [{"kind": "slow", "seconds": 0.3}])
    started = time.monotonic()
    assert provider.get(url).content == good
    assert time.monotonic() - started >= 0.3
    provider.knob("faults", [{"kind": "drop_before", "on": ["download"]}])
    with pytest.raises(httpx.RemoteProtocolError):
        provider.get(url)
    assert provider.get(url).content == good


def test_the_same_asked_of_the_same_seed_is_the_same_clip(provider: Caller) -> None:
    clips = [provider.get(provider.clip()).content]
    provider.knob("switches", {"seed": 1})
    clips.append(provider.get(provider.clip()).content)
    assert len(set(clips)) == 2
