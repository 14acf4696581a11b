"""docs/providers.md: every parameter of the providers' contracts, and what sets it.

Each example on the page is compiled, and must change the parameter beside it
in the request that the provider would be sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from storyboard import providers
from storyboard.exchange import HttpRequest

PAGE = Path(__file__).parents[2] / "docs" / "providers.md"
SCHEMAS = Path(__file__).parent / "contracts"
"""What a body may be, as the providers document it, written down as JSON Schemas."""

CONTRACTS = {
    "runware": {
        "text": "negativePrompt width height duration CFGScale providerSettings.klingai.sound",
        "first": "negativePrompt inputs.frameImages duration CFGScale providerSettings.klingai.sound",
        "ends": "negativePrompt inputs.frameImages duration CFGScale providerSettings.klingai.sound",
        "motion": "inputs.frameImages inputs.referenceVideos inputs.referenceImages"
        " providerSettings.klingai.characterOrientation providerSettings.klingai.keepOriginalSound",
        "all": "taskType taskUUID model positivePrompt numberResults outputType deliveryMethod"
        " outputFormat outputQuality safety.checkContent safety.mode ttl uploadEndpoint webhookURL"
        " includeCost routing",
    },
    "fal": {
        "text": "prompt duration aspect_ratio negative_prompt cfg_scale generate_audio",
        "first": "prompt start_image_url duration negative_prompt generate_audio voice_ids",
        "ends": "prompt start_image_url end_image_url duration negative_prompt generate_audio",
        "motion": "prompt image_url video_url character_orientation keep_original_sound",
        "all": "?fal_webhook ?fal_max_queue_length X-Fal-Request-Timeout X-Fal-Queue-Priority"
        " X-Fal-Runner-Hint X-Fal-Object-Lifecycle-Preference X-Fal-Store-IO X-Fal-No-Retry"
        " x-app-fal-disable-fallback X-Fal-Tags",
    },
    "aimlapi": {
        "text": "prompt aspect_ratio duration negative_prompt cfg_scale generate_audio provider",
        "first": "prompt image_url duration negative_prompt generate_audio provider",
        "motion": "prompt image_url video_url character_orientation keep_audio mode",
        "all": "model X-Client-Request-Id",
    },
    "modelstream": {
        "text": "",
        "first": "image",
        "ends": "image image_tail",
        "all": "model prompt multi_prompt multi_shot shot_type size duration mode sound"
        " negative_prompt cfg_scale watermark_enabled metadata.external_task_id",
    },
}
"""The parameters of each provider's contract, by the kind of shot; `all` are of each kind."""

MODELS = {
    "runware": "runware/kling-2.6-pro",
    "fal": "fal/kling-2.6-pro",
    "aimlapi": "aimlapi/kling-2.6-pro",
    "modelstream": "modelstream/kling-2.6",
}

PICTURE = "https://example.com/her.png"
SHOTS: dict[str, dict[str, Any]] = {
    "text": {"prompt": "the sea", "first_frame": "none"},
    "first": {"prompt": "the sea", "first_frame": PICTURE},
    "ends": {"prompt": "the sea", "first_frame": PICTURE, "last_frame": PICTURE},
    "motion": {
        "prompt": "the sea",
        "first_frame": PICTURE,
        "duration": 5,
        "motion": {"video": "https://example.com/wave.mp4", "orientation": "image"},
    },
}
"""The shot of each kind that an example on the page is put into."""


@dataclass(frozen=True)
class Row:
    provider: str
    parameter: str
    delivery: bool
    kind: str
    example: str
    by_itself: bool


def page_rows() -> Iterator[Row]:
    provider = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            provider = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not provider or not line.startswith("| `"):
            continue
        parameter, kinds, text = cells
        name = re.match(r"`([^`]+)`( \*)?$", parameter)
        assert name, line
        by_itself = text.startswith("*by itself*")
        example = re.match(r"`([^`]+)`", text)
        assert by_itself or example, line
        for kind in kinds.split(", "):
            yield Row(
                provider,
                name[1],
                bool(name[2]),
                kind,
                example[1] if example and not by_itself else "",
                by_itself,
            )


ROWS = list(page_rows())


def told(row: Row) -> str:
    return f"{row.provider}-{row.kind}-{row.parameter}"


@pytest.mark.parametrize("provider", CONTRACTS)
def test_the_page_has_every_parameter_of_the_contract_and_no_other(provider: str) -> None:
    contract = CONTRACTS[provider]
    kinds = [kind for kind in contract if kind != "all"]
    wanted = {(kind, name) for kind in kinds for name in contract[kind].split()}
    wanted |= {(kind, name) for kind in kinds for name in contract["all"].split()}
    assert {(row.kind, row.parameter) for row in ROWS if row.provider == provider} == wanted


@pytest.mark.parametrize("row", ROWS, ids=told)
def test_an_example_sets_its_parameter(
    row: Row, submits: Callable[[str], list[HttpRequest]]
) -> None:
    plain = at(row.parameter, submits(film(row, {})))
    if row.by_itself:
        assert plain is not None
        return
    example = yaml.safe_load(row.example)
    assert isinstance(example, dict)
    said = at(row.parameter, submits(film(row, example)))
    assert said is not None
    assert said != plain


@pytest.mark.parametrize(
    "row", [row for row in ROWS if (SCHEMAS / f"{row.provider}.yaml").exists()], ids=told
)
def test_the_body_of_an_example_is_one_that_the_contract_allows(
    row: Row, submits: Callable[[str], list[HttpRequest]]
) -> None:
    schema = yaml.safe_load((SCHEMAS / f"{row.provider}.yaml").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    body = submits(film(row, yaml.safe_load(row.example or "{}")))[0].json
    if isinstance(body, list):
        (body,) = body
    Draft202012Validator(schema).validate(body)
    assert isinstance(body, dict)
    assert not Draft202012Validator(schema).is_valid({**body, "seed": 1})


@pytest.mark.parametrize("provider", CONTRACTS)
def test_every_option_of_a_model_stands_on_the_page(provider: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for model in provided(provider):
        for option in model.options:
            assert re.search(rf"options: {{{provider}: {{{option}: ", text), option


@pytest.mark.parametrize("row", [row for row in ROWS if "options:" in row.example], ids=told)
def test_a_star_says_which_options_are_in_no_key(row: Row) -> None:
    (option,) = yaml.safe_load(row.example)["options"][row.provider]
    assert all((option in model.delivery) == row.delivery for model in provided(row.provider))


def provided(provider: str) -> list[Any]:
    found = providers.find(provider)
    assert found is not None
    return list(found.models().values())


def film(row: Row, example: dict[str, Any]) -> str:
    shot = {"id": "a", "model": MODELS[row.provider], **SHOTS[row.kind], **example}
    if "multi_prompt" in example:
        del shot["prompt"]
    voices = {"keeper": {row.provider: "829826751244537879"}}
    return yaml.safe_dump({"voices": voices, "shots": [shot]}, sort_keys=False)


def at(parameter: str, requests: list[HttpRequest]) -> object:
    """A parameter's value in the first request: in its body, its query (`?name`) or its headers."""
    request = requests[0]
    if parameter.startswith("?"):
        return request.query.get(parameter.removeprefix("?"))
    if parameter.casefold().startswith("x-"):
        return request.headers.get(parameter)
    value: Any = request.json[0] if isinstance(request.json, list) else request.json
    for step in parameter.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
