from __future__ import annotations

from provider_contract import ProviderContract


class TestModelstream(ProviderContract):
    name = "modelstream"
    model = "modelstream/kling-2.6"
