from __future__ import annotations

from provider_contract import ProviderContract


class TestAimlapi(ProviderContract):
    name = "aimlapi"
    model = "aimlapi/kling-2.6-pro"
