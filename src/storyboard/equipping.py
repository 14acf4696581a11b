"""What a build asks providers with: the driver, which of them, with which keys, where webhooks come."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from storyboard import providers
from storyboard.consent import Purse
from storyboard.events import Listener
from storyboard.job_events import WebhookIgnored
from storyboard.jobs import Job
from storyboard.project import Project
from storyboard.remote_provider import RemoteProvider
from storyboard.steps import Plan
from storyboard.workshop import Workshop

if TYPE_CHECKING:
    from storyboard.remote.driver import Driver
    from storyboard.remote.mailbox import Webhooks


def equipped(project: Project, purse: Purse) -> Workshop:
    """The workshop with a driver for the film's providers, and the money of a purse."""
    driver = driver_of(project, remote_providers(project, Plan(()), ()), purse)
    return replace(project.workshop, driver=driver)


def remote_providers(
    project: Project, planned: Plan, leftovers: tuple[Job, ...]
) -> dict[str, RemoteProvider]:
    """The remote providers of the film and of jobs that are left over, by name.

    Raises:
        Invalid: one has no key, and is to be asked for something.
    """
    graph = project.compiled.graph
    named = {
        *(action.provider for action in graph),
        *(each.model.partition("/")[0] for action in graph for each in action.stand_ins),
        *(job.provider for job in leftovers),
    }
    found = {name: providers.find(name) for name in named}
    remote = {name: each for name, each in found.items() if isinstance(each, RemoteProvider)}
    asked = asked_of(planned) & remote.keys()
    if asked:
        from storyboard.remote.access import access_to

        for name in sorted(asked):
            access_to(remote[name], os.environ)
    return remote


def asked_of(planned: Plan) -> frozenset[str]:
    """The names of the providers that a plan's steps ask for something, local ones too."""
    return frozenset(
        step.action.provider for step in planned if step.to_do and step.action.provider
    )


def driver_of(project: Project, remote: Mapping[str, RemoteProvider], purse: Purse) -> Driver:
    """What asks remote providers for a film's clips, with the money of a purse."""
    from storyboard.remote.driver import Driver

    return Driver(
        providers=remote,
        store=project.workshop.store,
        jobs=project.workshop.ledger.jobs,
        lane=project.workshop.lane,
        purse=purse,
        environment=os.environ,
    )


@contextmanager
def listening(
    driver: Driver | None, webhooks: Webhooks | None, listener: Listener
) -> Iterator[None]:
    """Have a driver's webhooks taken, for as long as the block lasts.

    Raises:
        Failed: nobody can listen there.
    """
    if driver is None or webhooks is None:
        yield
        return
    from storyboard.remote.mailbox import Mailbox

    mailbox = Mailbox(webhooks, lambda whose, why: listener(WebhookIgnored(whose, why)))
    driver.mailbox = mailbox
    try:
        yield
    finally:
        mailbox.close()
