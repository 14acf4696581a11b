"""What a simulated provider sends by itself: webhooks, and clips to where they are wanted."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from storyboard.simulators.clock import Clock

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""The only hosts that anything is sent to, or fetched from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often something is sent that is not taken.

    Attributes:
        tries: how often at most.
        first_wait_s: simulated seconds after the first; then twice as many each time.
        longest_wait_s: the most that is waited.
    """

    tries: int
    first_wait_s: float
    longest_wait_s: float


async def deliver(clock: Clock, request: httpx.Request, patience: Patience) -> bool:
    """Send a request until it is answered with a 2xx; whether it was.

    A redirect is a refusal for good; and to other machines nothing is sent.
    """
    if request.url.host not in LOOPBACK:
        return False
    wait = patience.first_wait_s
    async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
        for _ in range(patience.tries):
            try:
                answer = await client.send(request)
            except httpx.HTTPError:
                pass  # not there, or not in time: as good as a refusal
            else:
                if answer.is_success:
                    return True
                if answer.is_redirect:
                    return False
            await clock.until(clock.now() + wait)
            wait = min(2 * wait, patience.longest_wait_s)
    return False
