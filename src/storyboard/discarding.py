"""Takes that nothing asks for now, and dropping them: the one way in which what was paid for goes.

First the ledger forgets them, then their lines go, then their blobs. Killed
after the first, the lock still has the lines, and the blobs with them; killed
after the second, the blobs are named by nobody, and any `gc` removes them. The
ledger comes first so that no later build writes a line again that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TypeAlias

from storyboard.build_lock import build_lock
from storyboard.choosing import Listed, takes_in, unknown_shot
from storyboard.diagnostics import Code, Invalid, Refused
from storyboard.facts import Identity, Take, place_of
from storyboard.garbage import clear, find_waste
from storyboard.graph import Kind
from storyboard.lane import Lane
from storyboard.named import clip_of, locked_elsewhere, named_in
from storyboard.pipeline import Choices, compile_film
from storyboard.project import Project, open_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard:
    """A take that can go.

    Attributes:
        stays: whether its clip stays in the store all the same: another lock, a
            commit of this one, or another take names it.
        size: of its clip and its frames that go, in bytes.
        elsewhere: whether only its line tells what it cost: its job was another machine's.
    """

    listed: Listed
    stays: bool
    size: int
    elsewhere: bool

    @property
    def take(self) -> Take:
        """The take itself."""
        return self.listed.take


@dataclass(frozen=True, slots=True)
class Discards:
    """Takes that can go, or have gone."""

    takes: tuple[Discard, ...]

    @property
    def paid(self) -> Fraction:
        """US dollars that they cost, as far as providers said."""
        return sum((each.take.charged or Fraction(0) for each in self.takes), Fraction(0))

    @property
    def untold(self) -> int:
        """Of how many nobody said what they cost."""
        return sum(each.take.charged is None for each in self.takes)

    @property
    def size(self) -> int:
        """How many bytes go."""
        return sum(each.size for each in self.takes)


Consent: TypeAlias = Callable[[Discards], bool]
"""Asked before what was paid for goes."""


def find_discards(
    project: Project, shots: Sequence[str], *, older: timedelta = timedelta()
) -> Discards:
    """The takes of shots that no film of the store asks for, under any profile. Only reads.

    What a step was last built of is asked for, and so are the takes that are
    pinned or held.

    Args:
        project: the film whose lock it is.
        shots: by the names that their takes were made under.
        older: only what was made that long ago, or earlier.

    Raises:
        Invalid: neither the film nor the lock has a shot; or the film has
            errors, so that nobody can tell what it asks for.
        Failed: git cannot tell what its branches name.
        StoreError: the lock or the ledger cannot be read.
    """
    listed = takes_in(project, None)
    known = {each.take.place.shot for each in listed}
    known |= {action.shot for action in project.compiled.graph if action.shot}
    for shot in shots:
        if shot not in known:
            raise unknown_shot(shot, sorted(known))
    before, asked = datetime.now(UTC) - older, _asked_for(project)
    found = [
        each
        for each in listed
        if each.take.place.shot in shots
        and each.take.key not in asked
        and not each.pinned
        and datetime.fromisoformat(each.take.date) <= before
    ]
    return Discards(tuple(_told(project, found)))


def discard(
    project: Project,
    shots: Sequence[str],
    consent: Consent,
    *,
    older: timedelta = timedelta(),
) -> Discards:
    """Drop the takes that `find_discards` finds: what has gone.

    Args:
        project: as `find_discards` has it.
        shots: the same.
        consent: asked where there are any; nothing goes beyond what it was shown.
        older: as `find_discards` has it.

    Raises:
        Refused: there is no consent; nothing was done.
        StoreBusy: a build is at work.
        Invalid, Failed, StoreError: as `find_discards`.
    """
    shown = find_discards(project, shots, older=older)
    if not shown.takes:
        return shown
    if not consent(shown):
        raise Refused("Nothing was removed: it was not agreed to.")
    agreed = {each.take.identity for each in shown.takes}
    workshop = project.workshop
    with build_lock(workshop.store):
        now = find_discards(project, shots, older=older)  # a build may have come to use one
        gone = Discards(tuple(each for each in now.takes if each.take.identity in agreed))
        takes = [each.take for each in gone.takes]
        workshop.lock.tidy()
        workshop.lock.check_writable()
        forget(project, takes)
        workshop.lock.change(drop=[take.identity for take in takes])
        named, blobs = named_in(workshop.store, workshop.ledger), _blobs(takes)
        waste = find_waste(workshop.store, workshop.ledger, named)
        clear((each for each in waste if each.digest in blobs), workshop.store, workshop.ledger)
    return gone


def forget(project: Project, takes: Iterable[Take]) -> None:
    """Have the ledger forget takes: that jobs brought them, and the frames taken of them.

    What the jobs cost it knows as before. The build lock must be held.

    Raises:
        StoreError: it cannot be written.
    """
    ledger, lock = project.workshop.ledger, project.workshop.lock.lock
    going = {take.identity for take in takes}
    left = {take.clip for take in lock.every_take() if take.identity not in going}
    clips = {clip for _, clip, _ in going} - left
    ledger.forget_keys(
        [
            each.key
            for each in ledger.results()
            if each.output in clips or clip_of(each.asked) in clips
        ]
    )
    for job in ledger.jobs.all():
        name = job.operation.id if job.operation else None
        dropped = {clip for clip in job.outputs if (job.intent.key, clip, name) in going}
        if dropped:
            ledger.jobs.drop(job, dropped)


# What is asked for


def _asked_for(project: Project) -> set[str]:
    """The keys that any lane asks for now, or was last built of; those of this film's profiles too."""
    workshop = project.workshop
    ledger, film, lock = workshop.ledger, workshop.lane.film, workshop.lock.lock
    lanes: dict[Lane, Mapping[str, str]] = {**ledger.lanes()}
    profiles = {take.place.profile for take in lock.every_take()}
    for profile in {None, *profiles, *(place.profile for place in lock.pins)}:
        lanes.setdefault(Lane(film, profile), {})
    keys: set[str] = set()
    for lane, last in lanes.items():
        path = workshop.store.root.parent / lane.film
        if not path.is_file():
            continue  # a storyboard that is not there any more asks for nothing
        try:
            compiled = compile_film(path, Choices(profile=lane.profile))
        except Invalid as error:
            if _only_the_profile_is_gone(error):
                continue
            if lane.film == film:
                raise
            keys.update(last.values())
            continue
        with open_project(compiled) as other:
            keys.update(_keys_of(other, last))
    return keys


def _only_the_profile_is_gone(error: Invalid) -> bool:
    return {each.code for each in error.diagnostics} == {Code.UNKNOWN_PROFILE}


def _keys_of(project: Project, last: Mapping[str, str]) -> Iterator[str]:
    lock, profile = project.workshop.lock.lock, project.workshop.lane.profile
    for step in project.plan():
        if step.action.kind is not Kind.GENERATE:
            continue
        before = last.get(step.action.id)
        if before is None and not step.at_hand:  # a fresh clone: its lock knows it
            kept = lock.kept(place_of(step.action, profile))
            before = kept.key if kept else None
        yield from (key for key in (step.key, step.kept, before) if key)


# What goes


def _told(project: Project, found: Sequence[Listed]) -> Iterator[Discard]:
    workshop = project.workshop
    takes = [each.take for each in found]
    going: set[Identity] = {take.identity for take in takes}
    left = (take for take in workshop.lock.lock.every_take() if take.identity not in going)
    stays = _blobs(left) | locked_elsewhere(workshop.store, workshop.lock.path)
    jobs = {job.operation.id for job in workshop.ledger.jobs.all() if job.operation}
    counted: set[str] = set()
    for each in found:
        blobs = _blobs([each.take]) - stays - counted
        counted |= blobs
        paths = (workshop.store.find(digest) for digest in blobs)
        yield Discard(
            listed=each,
            stays=each.take.clip in stays,
            size=sum(path.stat().st_size for path in paths if path),
            elsewhere=each.take.job is not None and each.take.job not in jobs,
        )


def _blobs(takes: Iterable[Take]) -> set[str]:
    """The digests of takes' clips, and of the frames of them."""
    every = list(takes)
    return {take.clip for take in every} | {f.digest for take in every for f in take.frames}
