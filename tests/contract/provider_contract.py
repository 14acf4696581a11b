"""What every provider must do, whatever its wire looks like.

A provider joins in three lines:

    class TestFal(ProviderContract):
        name = "fal"
        model = "fal/kling-2.6-pro"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import av
import numpy as np
import numpy.typing as npt
import pytest
from conversation import Conversation
from PIL import Image

from storyboard import providers
from storyboard.abilities import Cancels
from storyboard.digest import digest_bytes
from storyboard.exchange import (
    Done,
    Found,
    JobFailed,
    Kind,
    Media,
    Operation,
    Rejected,
    Running,
    SafeToSend,
    Unclear,
    Undecided,
    Unseen,
)
from storyboard.media.encode import ClipWriter
from storyboard.media.picture import to_png
from storyboard.media.verify import Expected, verify
from storyboard.model import Size
from storyboard.provider import Mode, Model, Prompt, Request
from storyboard.remote_provider import RemoteProvider
from storyboard.simulators.server import simulation

Pixels: TypeAlias = npt.NDArray[np.int64]

SWITCHES = {"scale": 0.1, "queue_s": 1.0, "run_s": 30.0}
SPEED = 3000.0
MODES: tuple[Mode, ...] = ("text", "first_frame", "first_last", "motion")
LATE = [
    ("refuse_late", Kind.REFUSED, "our policy: no rough seas"),
    ("fail", Kind.FAULT, "the machine fell into the sea"),
]


@cache
def picture(seed: int) -> Media:
    """A picture that no other seed gives."""
    ramp = np.linspace(0, 255, 480, dtype=np.uint8)[None, :].repeat(320, axis=0)
    plain = np.full_like(ramp, seed * 60 % 256)
    data = to_png(np.dstack((ramp, plain, ramp[:, ::-1])))
    return Media(type="image/png", digest=digest_bytes(data), data=data)


@cache
def dance() -> Media:
    """A video of three seconds."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dance.mp4"
        with ClipWriter(path, Size(64, 48), Fraction(12)) as clip:
            for shade in range(36):
                clip.write_rgb(np.full((48, 64, 3), shade, np.uint8))
        data = path.read_bytes()
    return Media(type="video/mp4", digest=digest_bytes(data), data=data)


def frames_for(mode: Mode) -> dict[str, Media]:
    """The inputs of a request in a mode."""
    every = {"first_frame": picture(1), "last_frame": picture(2), "motion": dance()}
    roles = {"text": (), "first_frame": ("first_frame",), "first_last": ("first_frame", "last_frame"),
             "motion": ("first_frame", "motion")}  # fmt: skip
    return {role: every[role] for role in roles[mode]}


class ProviderContract:
    """The suite. `name` is the provider's, `model` the one of its models that is asked."""

    name: str
    model: str

    @pytest.fixture(scope="class")
    @classmethod
    def served(cls) -> Iterator[str]:
        with simulation(cls.name, speed=SPEED, switches=SWITCHES) as urls:
            yield urls[cls.name]

    @pytest.fixture
    def talk(self, served: str) -> Conversation:
        provider = providers.find(self.name)
        assert isinstance(provider, RemoteProvider)
        talk = Conversation(provider, served)
        talk.knob("faults", [])
        talk.knob("clock", {"speed": SPEED})
        return talk

    # What is made

    @pytest.mark.parametrize("mode", MODES)
    def test_a_clip_is_made_as_it_was_asked_for(
        self, talk: Conversation, tmp_path: Path, mode: Mode
    ) -> None:
        self._needs(mode in self._model.modes, mode)
        frames = frames_for(mode)

        job, done = self._made(talk, self._request(mode, seconds=5), frames)

        (result,) = done.results
        clip = talk.fetched(result.url, tmp_path / "clip.mp4")
        lasts = Fraction(3) if mode == "motion" else Fraction(5)
        info = verify(clip, Expected(duration=lasts, aspect=self._aspect(mode)))
        assert info.frames == lasts * 24 + 1
        assert not info.has_sound
        assert self._billed(talk, job)["frames_sha256"] == [each.digest for each in frames.values()]
        begins, ends = _ends(clip)
        assert "first_frame" not in frames or _alike(begins, frames["first_frame"])
        assert "last_frame" not in frames or _alike(ends, frames["last_frame"])

    def test_a_clip_of_ten_seconds_has_sound_where_it_is_asked_for(
        self, talk: Conversation, tmp_path: Path
    ) -> None:
        modes = [mode for mode in ("first_frame", "text") if mode in self._model.audio_modes]
        self._needs(self._model.audio, "sound")

        job, done = self._made(
            talk, self._request(modes[0], seconds=10, audio=True), frames_for(modes[0])
        )

        info = verify(
            talk.fetched(done.results[0].url, tmp_path / "clip.mp4"), Expected(Fraction(10))
        )
        assert info.has_sound
        silent, _ = self._made(talk, self._request(modes[0], seconds=10), frames_for(modes[0]))
        assert self._charge(talk, job) == 2 * self._charge(talk, silent)

    def test_several_prompts_make_one_clip_where_that_is_native(
        self, talk: Conversation, tmp_path: Path
    ) -> None:
        self._needs(self._model.native_multi_prompt != "no", "several prompts in one request")
        prompts = (Prompt("a pier", Fraction(4)), Prompt("a storm", Fraction(6)))

        _, done = self._made(talk, self._request("text", seconds=10, prompts=prompts), {})

        clip = talk.fetched(done.results[0].url, tmp_path / "clip.mp4")
        verify(clip, Expected(Fraction(10)))
        begins, ends = _ends(clip)
        assert np.abs(begins - ends).mean() > 20

    def test_several_takes_are_one_request_where_the_provider_has_that(
        self, talk: Conversation, tmp_path: Path
    ) -> None:
        self._needs(self._model.results > 1, "several results of one request")

        job, done = self._made(talk, self._request("text", seconds=5), {}, count=3)

        clips = {
            talk.fetched(each.url, tmp_path / "clip.mp4").read_bytes() for each in done.results
        }
        assert len(clips) == 3
        one, _ = self._made(talk, self._request("text", seconds=5), {})
        assert self._charge(talk, job) == 3 * self._charge(talk, one)

    @pytest.mark.parametrize("mode", MODES)
    def test_the_charge_is_within_what_the_plan_says(self, talk: Conversation, mode: Mode) -> None:
        self._needs(mode in self._model.modes, mode)
        request = self._request(mode, seconds=3 if mode == "motion" else 5)
        price = self._model.price(mode, request)
        assert price is not None

        job, done = self._made(talk, request, frames_for(mode))

        charged = self._charge(talk, job)
        assert price.low_usd * request.duration <= charged <= price.high_usd * request.duration
        assert done.charged_usd in {None, charged}

    # What is refused, and what fails

    def test_a_prompt_that_is_too_long_is_an_invalid_request(self, talk: Conversation) -> None:
        request = self._request("text", seconds=5, prompts=(Prompt("x" * 2600, Fraction(5)),))
        answer = self._asked(talk, request)
        assert isinstance(answer, Rejected)
        assert (answer.kind, answer.field) == (Kind.INVALID, "prompt")
        assert answer.words
        assert answer.retry_after is None

    @pytest.mark.parametrize(
        ("fault", "kind"), [("refuse", Kind.REFUSED), ("no_credit", Kind.NO_CREDIT)]
    )
    def test_a_refusal_is_definite_and_costs_nothing(
        self, talk: Conversation, fault: str, kind: Kind
    ) -> None:
        jobs = len(talk.knob("ledger")["jobs"])
        talk.knob("faults", [{"kind": fault}])
        answer = self._asked(talk)
        if isinstance(answer, Operation):  # some refuse a prompt only when the job runs
            ended = talk.ended(answer)
            assert isinstance(ended, JobFailed)
            assert ended.kind is kind
            assert self._charge(talk, answer) == 0
            return
        assert isinstance(answer, Rejected)
        assert answer.kind is kind
        assert answer.retry_after is None
        assert len(talk.knob("ledger")["jobs"]) == jobs

    def test_a_bad_key_is_told_as_such(self, talk: Conversation) -> None:
        stranger = Conversation(talk.provider, talk.url, key="invalid")
        answer = self._asked(stranger)
        assert isinstance(answer, Rejected)
        assert answer.kind is Kind.KEY
        pings = [each.send(each.provider.ping()) for each in (talk, stranger)]
        assert [ping is not None and ping.status in {401, 403} for ping in pings] == [False, True]

    def test_too_many_requests_may_be_sent_again_after_a_while(self, talk: Conversation) -> None:
        talk.knob("faults", [{"kind": "rate", "retry_after": 7}, {"kind": "rate"}])
        answers = [self._asked(talk), self._asked(talk)]
        assert all(isinstance(answer, Rejected) and answer.kind is Kind.RATE for answer in answers)
        waits = [answer.retry_after for answer in answers if isinstance(answer, Rejected)]
        assert waits[0] == 7
        assert waits[1]

    @pytest.mark.parametrize("kind", ["server_error", "html", "drop_before", "drop_after"])
    def test_what_may_have_been_accepted_is_never_a_no(self, talk: Conversation, kind: str) -> None:
        talk.knob("faults", [{"kind": kind}])
        assert isinstance(self._asked(talk), Unclear)

    @pytest.mark.parametrize(("fault", "kind", "words"), LATE)
    def test_a_job_that_fails_says_why_and_costs_nothing(
        self, talk: Conversation, fault: str, kind: Kind, words: str
    ) -> None:
        talk.knob("faults", [{"kind": fault, "words": words}])
        job = self._asked(talk)
        assert isinstance(job, Operation)
        ended = talk.ended(job)
        assert isinstance(ended, JobFailed)
        assert ended.kind is kind
        assert words in ended.words
        assert self._charge(talk, job) == 0

    # What goes wrong on the way

    @pytest.mark.parametrize(
        "trouble",
        [
            {"kind": "server_error"},
            {"kind": "html"},
            {"kind": "rate"},
            {"kind": "drop_after", "times": 2},
        ],
        ids=lambda trouble: str(trouble["kind"]),
    )
    def test_trouble_with_asking_never_loses_a_job(
        self, talk: Conversation, trouble: Mapping[str, Any]
    ) -> None:
        job = self._asked(talk)
        assert isinstance(job, Operation)
        talk.knob("faults", [{**trouble, "on": ["poll"]}])
        assert isinstance(talk.poll(job), Running)
        assert isinstance(talk.ended(job), Done)

    def test_a_submit_whose_answer_was_lost_is_paid_once(self, talk: Conversation) -> None:
        frames = talk.uploaded(frames_for("first_frame"))
        intent = talk.intent(self._request("first_frame", seconds=5), frames)
        before = {job["id"] for job in talk.knob("ledger")["jobs"]}
        talk.knob("faults", [{"kind": "drop_after"}])
        assert isinstance(talk.submit(intent, frames), Unclear)

        found = talk.recovered(intent, known=before)

        (lost,) = [job for job in talk.knob("ledger")["jobs"] if job["id"] not in before]
        if isinstance(found, Found):
            assert found.operation.id == lost["id"]
            assert isinstance(talk.ended(found.operation), Done)
        else:  # never: send it again
            assert isinstance(found, Undecided)
            assert found.asked

    def test_a_submit_that_never_arrived_is_not_taken_for_another(self, talk: Conversation) -> None:
        frames = talk.uploaded(frames_for("first_frame"))
        request = self._request("first_frame", seconds=5)
        assert isinstance(talk.submit(talk.intent(request, frames), frames), Operation)
        before = {job["id"] for job in talk.knob("ledger")["jobs"]}
        intent, frames = talk.intent(request, frames), talk.uploaded(frames_for("first_frame"))
        talk.knob("faults", [{"kind": "drop_before"}])
        assert isinstance(talk.submit(intent, frames), Unclear)

        found = talk.recovered(intent, known=before)

        assert isinstance(found, SafeToSend | Undecided)
        if isinstance(found, SafeToSend):
            talk.knob("clock", {"speed": 0})
            job = talk.submit(intent, frames)
            assert isinstance(job, Operation)
            assert isinstance(talk.submit(intent, frames), Operation)  # it is the same job
            assert len(talk.knob("ledger")["jobs"]) == len(before) + 1

    def test_a_job_can_be_ended_where_the_provider_lets_it(self, talk: Conversation) -> None:
        talk.knob("clock", {"speed": 0})
        job = self._asked(talk)
        assert isinstance(job, Operation)
        self._needs(isinstance(talk.provider, Cancels), "cancelling")
        assert isinstance(talk.provider, Cancels)
        answer = talk.send(talk.provider.cancel(job))
        assert answer is not None
        assert talk.provider.cancelled(job, answer)
        talk.knob("clock", {"speed": SPEED})
        ended = talk.ended(job)
        assert isinstance(ended, JobFailed)
        assert ended.kind is Kind.CANCELLED
        late = talk.send(talk.provider.cancel(job))
        assert late is not None
        assert talk.provider.cancelled(job, late) is False

    def test_a_job_is_found_by_its_id_alone_and_one_that_is_not_there_is_not(
        self, talk: Conversation
    ) -> None:
        request = self._request("text", seconds=5)
        intent = talk.intent(request, {})
        job = talk.submit(intent, {})
        assert isinstance(job, Operation)
        assert talk.provider.operation(intent, job.id).id == job.id
        assert isinstance(talk.ended(talk.provider.operation(intent, job.id)), Done)
        assert isinstance(talk.poll(talk.provider.operation(intent, str(uuid4()))), Unseen)

    # How it is said

    @property
    def _model(self) -> Model:
        model = providers.find_model(self.model)
        assert model is not None
        return model

    def _needs(self, able: bool, what: str) -> None:
        if not able:
            pytest.skip(f"{self.model} has no {what}")

    def _aspect(self, mode: Mode) -> Fraction:
        if mode == "text" and "text" in self._model.aspect_modes:
            return Fraction(9, 16)
        return Fraction(16, 9) if mode == "text" else Fraction(480, 320)

    def _request(
        self, mode: Mode, *, seconds: int, audio: bool = False, prompts: tuple[Prompt, ...] = ()
    ) -> Request:
        duration = Fraction(seconds)
        return Request(
            model=self.model,
            prompts=prompts or (Prompt(f"a boat at sea, {mode}", duration),),
            duration=duration,
            audio=audio,
            aspect_ratio="9:16" if mode == "text" and "text" in self._model.aspect_modes else None,
            orientation="video" if mode == "motion" else None,
        )

    def _asked(
        self, talk: Conversation, request: Request | None = None
    ) -> Operation | Rejected | Unclear:
        request = request or self._request("text", seconds=5)
        return talk.submit(talk.intent(request, {}), {})

    def _made(
        self, talk: Conversation, request: Request, frames: Mapping[str, Media], count: int = 1
    ) -> tuple[Operation, Done]:
        frames = talk.uploaded(frames)
        job = talk.submit(talk.intent(request, frames, count), frames)
        assert isinstance(job, Operation), job
        ended = talk.ended(job)
        assert isinstance(ended, Done), ended
        assert len(ended.results) == count
        return job, ended

    def _billed(self, talk: Conversation, job: Operation) -> Any:
        return next(each for each in talk.knob("ledger")["jobs"] if each["id"] == job.id)

    def _charge(self, talk: Conversation, job: Operation) -> Fraction:
        return Fraction(str(self._billed(talk, job)["charged_usd"]))


def _ends(clip: Path) -> tuple[Pixels, Pixels]:
    """The first and the last picture of a clip."""
    with av.open(str(clip)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return frames[0].astype(np.int64), frames[-1].astype(np.int64)


def _alike(seen: Pixels, sent: Media) -> bool:
    height, width = seen.shape[:2]
    wanted = Image.open(BytesIO(sent.data)).convert("RGB").resize((width, height))
    return bool(np.abs(seen - np.asarray(wanted)).mean() < 8)
