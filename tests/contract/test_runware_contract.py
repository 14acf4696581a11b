from __future__ import annotations

from provider_contract import ProviderContract


class TestRunware(ProviderContract):
    name = "runware"
    model = "runware/kling-2.6-pro"


class TestRunwareStandard(ProviderContract):
    name = "runware"
    model = "runware/kling-2.6-standard"
