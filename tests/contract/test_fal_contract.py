from __future__ import annotations

from provider_contract import ProviderContract


class TestFal(ProviderContract):
    name = "fal"
    model = "fal/kling-2.6-pro"
