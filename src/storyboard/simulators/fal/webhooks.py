"""fal's webhooks: signed with Ed25519, tried again until they are taken, sometimes sent twice."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storyboard.simulators.deliveries import Patience, deliver
from storyboard.simulators.fal.queue import Queue
from storyboard.simulators.jobs import Job
from storyboard.simulators.world import World


class Webhooks:
    """The webhooks of the simulated fal. Only this machine is called."""

    def __init__(self, world: World, queue: Queue) -> None:
        self._world = world
        self._queue = queue
        self._key = Ed25519PrivateKey.generate()

    def jwks(self) -> dict[str, Any]:
        """The document that publishes the key."""
        raw = self._key.public_key().public_bytes_raw()
        x = urlsafe_b64encode(raw).decode().rstrip("=")
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "simulated", "x": x}]}

    def promise(self, job: Job, address: str) -> None:
        """Tell an address when a job has ended."""
        self._world.later(self._tell(job, address))

    async def _tell(self, job: Job, address: str) -> None:
        await self._world.jobs.ended(job)
        body = json.dumps(await self._payload(job)).encode()
        switches = self._world.switches
        patience = Patience(tries=switches["webhook_tries"], first_wait_s=5.0, longest_wait_s=600.0)
        headers = {"Content-Type": "application/json", **self._signed(job.id, body)}
        request = httpx.Request("POST", address, content=body, headers=headers)
        for _ in range(2 if switches["webhook_twice"] else 1):
            await deliver(self._world.clock, request, patience)

    async def _payload(self, job: Job) -> dict[str, Any]:
        status, output = await self._queue.ending(job)
        told = {"request_id": job.id, "gateway_request_id": job.id, "payload": output}
        if status == 200:
            return {**told, "status": "OK"}
        return {**told, "status": "ERROR", "error": f"Invalid status code: {status}"}

    def _signed(self, request_id: str, body: bytes) -> Mapping[str, str]:
        """The headers with the signature."""
        values = [request_id, "simulated-user", str(int(time.time()))]
        signed = "\n".join([*values, hashlib.sha256(body).hexdigest()]).encode()
        names = ("Request-Id", "User-Id", "Timestamp")
        return {
            **{f"X-Fal-Webhook-{name}": v for name, v in zip(names, values, strict=True)},
            "X-Fal-Webhook-Signature": self._key.sign(signed).hex(),
        }
