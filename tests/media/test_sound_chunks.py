"""Coded sound: chunks made alone, joined to a stream that sounds as if it were coded at once."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from cutting import RATE, Heard, cut_of, largest_step, piece, shot, sound_event, tone, write_wav

from storyboard.media.aac import coded
from storyboard.media.master import mastered
from storyboard.stretches import CHUNK_PACKETS, PACKET, chunks_of
from storyboard.track import Master

SECONDS = 17
SEAMS = [n * CHUNK_PACKETS * PACKET for n in (1, 2, 3)]
SOUNDS = {
    "a tone": tone(SECONDS, 220) + tone(SECONDS, 331, level=0.2),
    "noise": np.random.default_rng(2).normal(0, 0.1, (SECONDS * RATE, 2)).astype(np.float32),
    "silence": np.zeros((SECONDS * RATE, 2), np.float32),
}


def decoded(configuration: bytes, packets: list[bytes]) -> np.ndarray:
    """As a player hears it: without the coder's run-up."""
    decoder = av.AudioCodecContext.create("aac", "r")
    decoder.extradata = configuration
    frames = [f for packet in packets for f in decoder.decode(av.Packet(packet))]
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1).T[PACKET:]


def in_chunks(heard: Heard) -> tuple[bytes, list[bytes]]:
    configuration, packets = b"", list[bytes]()
    for chunk in chunks_of(heard.track.samples):
        configuration, more = coded(chunk.heard(heard.track), heard.decoded, chunk, Master())
        assert len(more) == chunk.packets
        packets += more
    return configuration, packets


@pytest.fixture(scope="module", params=SOUNDS)
def heard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Heard:
    folder = tmp_path_factory.mktemp("film")
    still = shot(piece("still", still=True, lasts=SECONDS))
    edit = cut_of([still], sounds=(sound_event("s", lasts=SECONDS),))
    return Heard(edit, {"s": write_wav(folder / "s.wav", SOUNDS[request.param])}, folder)


def noise_to_sound(heard: np.ndarray, meant: np.ndarray) -> float:
    """How far what the coder adds lies below what was mixed, in dB."""
    power = np.square(meant, dtype=float).mean()
    return float(
        10 * np.log10((np.square(heard - meant, dtype=float).mean() + 1e-12) / (power + 1e-9))
    )


def test_joined_chunks_sound_as_they_were_mixed_across_their_seams(heard: Heard) -> None:
    sound = decoded(*in_chunks(heard))
    mix = mastered(heard.track, heard.decoded, 0, heard.track.samples, Master())
    assert len(mix) <= len(sound) < len(mix) + PACKET
    for seam in SEAMS:
        there, before = slice(seam - 2048, seam + 2048), slice(seam - 40_000, seam - 8_000)
        worse = noise_to_sound(sound[there], mix[there]) - noise_to_sound(
            sound[before], mix[before]
        )
        assert worse < 3
        assert largest_step(sound[there]) < 1.3 * largest_step(mix[before]) + 0.001
    assert noise_to_sound(sound[: len(mix)], mix) < -7 or not mix.any()


def test_a_chunk_does_not_depend_on_what_sounds_elsewhere(tmp_path: Path) -> None:
    takes = [shot(piece("a", lasts=6)), shot(piece("b", lasts=6)), shot(piece("c", lasts=6))]
    files = {
        name: write_wav(tmp_path / f"{name}.wav", tone(6, frequency))
        for name, frequency in (("a", 200), ("b", 300), ("c", 400), ("d", 500))
    }
    before = Heard(cut_of(takes), files, tmp_path)
    after = Heard(cut_of([*takes[:2], shot(piece("d", lasts=6))]), files, tmp_path)
    changed = [
        number
        for number, chunk in enumerate(chunks_of(before.track.samples))
        if chunk.heard(before.track) != chunk.heard(after.track)
    ]
    assert changed == [2, 3]  # the third shot begins at 12 s, in the third chunk
    first = next(chunks_of(before.track.samples))
    assert coded(first.heard(before.track), before.decoded, first, Master()) == coded(
        first.heard(after.track), after.decoded, first, Master()
    )


@pytest.mark.parametrize("samples", [1, 1024, 1025, 233 * 1024, 233 * 1024 + 1, 700 * 1024 + 5])
def test_chunks_cover_the_film(samples: int) -> None:
    chunks = list(chunks_of(samples))
    packets = sum(chunk.packets for chunk in chunks)
    assert (packets - 1) * PACKET >= samples > (packets - 2) * PACKET
    for one, other in pairwise(chunks):
        assert one.packets == CHUNK_PACKETS
        assert other.first + other.skips * PACKET == one.first + (one.skips + one.packets) * PACKET
