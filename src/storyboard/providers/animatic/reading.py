"""What a prompt shows, read from its words: a place, its light, its weather, what stands in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Framing: TypeAlias = Literal["wide", "medium", "near", "close"]
Angle: TypeAlias = Literal["level", "low", "overhead"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be painted.

    Attributes:
        place: the first key of `PLACES` that a word names, or `abstract` where no word names one.
        light: a key of `LIGHTS`, or empty where no word names one.
        weather: keys of `WEATHER`.
        subjects: keys of `SUBJECTS`, in the order in which the prompt names them.
        framing: how near it is: `near` shows people from the waist up, `close` their heads.
        angle: from where it is seen.
        pair: whether two people share the picture.
        shoulder: `left` or `right` where somebody's shoulder stands in front, else empty.
        muted: whether its colours are asked to be quiet.
        mood: five numbers from -1 to 1 that depend on all of its words, so that
            prompts that share words come out alike.
        seed: for everything that is left to chance: another prompt, another seed.
    """

    place: str
    light: str
    weather: frozenset[str]
    subjects: tuple[str, ...]
    framing: Framing
    angle: Angle
    pair: bool
    shoulder: str
    muted: bool
    mood: tuple[float, ...]
    seed: int


PLACES: Mapping[str, str] = {
    "underwater": "underwater coral reef seabed diver submarine",
    "space": "space galaxy nebula planet orbit astronaut spaceship starship cosmos moonscape",
    "stair": "stair stairs staircase stairway stairwell",
    "stage": "stage theatre theater concert audience spotlight curtain podium",
    "studio": "turntable product packshot studio backdrop plinth",
    "street": "street alley avenue boulevard downtown crosswalk sidewalk pavement subway",
    "city": "city skyline skyscraper skyscrapers rooftop rooftops town metropolis tokyo paris york london",
    "road": "road highway lane motorway driveway route",
    "sea": "sea ocean coast coastal shore beach wave waves harbour harbor bay island lighthouse gallery surf"
    " ship boat sail sailing cliff cliffs tide pier lake river water seaside gulls harbourside deck",
    "desert": "desert dune dunes sand sahara canyon mesa",
    "mountains": "mountain mountains alp alps peak peaks summit glacier ridge valley himalaya",
    "forest": "forest wood woods jungle pine pines grove trees woodland",
    "hills": "hill hills field fields meadow meadows country countryside farm village pasture steppe"
    " vineyard garden park grass prairie",
    "room": "room interior kitchen bedroom office desk table window corridor hall library cafe bar"
    " restaurant bed sofa lantern-room cabin house home church workshop lab laboratory glass door"
    " shelf bakery shop tavern hospital classroom",
    "abstract": "",
}
LIGHTS: Mapping[str, str] = {
    "neon": "neon cyberpunk synthwave holographic",
    "noir": "noir monochrome black-and-white chiaroscuro",
    "night": "night midnight moon moonlight moonlit nocturnal dark darkness stars starry",
    "dawn": "dawn sunrise daybreak morning early",
    "gold": "golden gold sunset amber honey",
    "dusk": "dusk twilight evening sundown gloaming blue-hour",
    "storm": "storm stormy rain rainy gale lightning thunder tempest overcast grey gray hurricane downpour",
    "winter": "winter snow snowy ice icy frozen frost blizzard arctic cold",
    "fire": "fire flame flames candle candlelight fireplace firelight lamplight ember embers torch campfire burning lava",
    "autumn": "autumn fall october harvest rust",
    "spring": "spring blossom bloom cherry fresh pastel",
    "desert": "desert dune dunes sahara canyon mesa",
    "day": "day noon midday sunny sun daylight summer bright afternoon clear",
}
WEATHER: Mapping[str, str] = {
    "rain": "rain rainy raining downpour drizzle storm shower",
    "snow": "snow snowy snowing snowfall blizzard flakes",
    "fog": "fog foggy mist misty haze hazy smoke steam smoky",
    "lightning": "lightning thunder thunderstorm",
    "stars": "stars starry night galaxy constellation",
    "wind": "wind windy gale storm gust",
}
SUBJECTS: Mapping[str, str] = {
    "lantern": "lantern",
    "beacon": "beacon lens lantern-room great-lamp",
    "lamp": "lamp bulb streetlight streetlamp lamppost",
    "lighthouse": "lighthouse",
    "tower": "tower castle steeple spire",
    "figure": "man woman keeper girl boy he she person figure child captain sailor hero heroine detective"
    " soldier king queen dancer singer runner walker stranger traveller traveler musician actor"
    " astronaut someone who they mother father farmer cook chef baker hiker wanderer player pilot scientist doctor nurse waiter driver",
    "ship": "ship ferry trawler vessel steamer fishing freighter",
    "boat": "boat sail sailboat yacht dinghy",
    "house": "house cottage cabin barn farmhouse hut home village",
    "tree": "tree oak willow elm",
    "car": "car automobile taxi cab sedan truck van",
    "bicycle": "bicycle bike cyclist",
    "railing": "gallery balcony deck terrace railing pier bridge rail parapet",
    "bird": "bird birds gull gulls seagull seagulls crow crows raven swallow swallows flock",
    "watch": "watch wristwatch",
    "ring": "ring ringed jewel diamond",
    "bottle": "bottle perfume flask",
    "sun": "sun sunset sunrise",
    "moon": "moon moonlight moonlit",
}
INDOORS = frozenset({"room", "stair", "stage", "studio"})
"""The places with a roof."""

_OUTDOOR_SUBJECTS = frozenset(
    {"bird", "boat", "car", "house", "lighthouse", "railing", "ship", "tower", "tree"}
)
_CLOSE = r"close[- ]?up|closeup|macro|detail|insert shot|extreme close|head and shoulders"
_WIDE = (
    r"(?<!spread )\bwide(?![- ](?:open|eyed))|establishing|panorama|aerial|landscape|vista|horizon"
)
_NEAR = r"\b(?:medium|mid)[- ](?:close )?shot|from the waist|waist[- ]up|two[- ]shot"
_LOW = r"\blow[- ]angle"
_OVERHEAD = (
    r"top[- ]down|\boverhead shot|directly (?:over|from )head|directly overhead|bird'?s[- ]eye"
)
_PAIR = r"\btwo[- ]shot|\btwo (?:people|men|women|friends|children|lovers)\b|\bcouple\b"
_SHOULDER = r"over[- ]the[- ]shoulder"
# Words of the camera, and the colours of things, which would be taken for a place or a light.
_NOT_SEEN = re.compile(
    r"\b\d+\s*mm(?: lens| film)?\b|\b(?:anamorphic|macro|wide|long) lens\b|\bdepth of field\b"
    r"|\bfirst-person\b|\borbit(?:s|ing)?(?= (?:left|right|around)\b)"
    r"|\bsea(?= of (?:clouds|fog|people|faces)\b)"
    r"|\b(?:grey|gray)(?= [a-z])(?! (?:sky|skies|light|daylight|dawn|day|morning|clouds?|sea|weather)\b)"
    r"|\bdark(?= (?:red|green|blue|brown|grey|gray|wood|coat|suit|hair|pine)\b)"
)


def read(prompt: str) -> Reading:
    """What a prompt shows. It depends on nothing but its text."""
    text = " ".join(prompt.lower().split())
    seen = _NOT_SEEN.sub(" ", text)
    seen = seen.replace("great lamp", "great-lamp").replace("fishing boat", "fishing")
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", seen)
    parts = [form for word in words for form in _forms(word)]
    subjects = _named(SUBJECTS, parts)
    place = next(iter(_by_rank(PLACES, parts)), _setting_of(subjects))
    if place in INDOORS:
        subjects = [subject for subject in subjects if subject not in _OUTDOOR_SUBJECTS]
    return Reading(
        place=place,
        light="noir" if "black and white" in text else next(iter(_by_rank(LIGHTS, parts)), ""),
        weather=frozenset(_named(WEATHER, parts)),
        subjects=tuple(subjects),
        framing=_framing(text),
        angle="overhead"
        if re.search(_OVERHEAD, text)
        else "low"
        if re.search(_LOW, text)
        else "level",
        pair=bool(re.search(_PAIR, text)),
        shoulder=_shoulder(text),
        muted=bool(re.search(r"muted|desaturated|faded|bleak|washed", text)),
        mood=_mood(words),
        seed=int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]),
    )


def _framing(text: str) -> Framing:
    if re.search(_CLOSE, text):
        return "close"
    if re.search(_NEAR, text) or re.search(_SHOULDER, text):
        return "near"
    return "wide" if re.search(_WIDE, text) else "medium"


def _shoulder(text: str) -> str:
    """On which side somebody's shoulder stands in front, where the words want one."""
    if not re.search(_SHOULDER, text):
        return ""
    return (
        "left"
        if re.search(r"\bleft (?:foreground|side|of (?:the )?frame)|frame left", text)
        else "right"
    )


def _forms(word: str) -> list[str]:
    """A word, and what it may be a form of: its singular, else its parts at the hyphens."""
    single = [word.removesuffix("s")] if word.endswith("s") and not word.endswith("ss") else []
    return [word, *single, *(word.split("-") if "-" in word and word != "great-lamp" else [])]


def _named(table: Mapping[str, str], words: list[str]) -> list[str]:
    """The table's keys that the words name, in the words' order."""
    owners = {word: key for key in reversed(list(table)) for word in table[key].split()}
    return list(dict.fromkeys(owners[word] for word in words if word in owners))


def _by_rank(table: Mapping[str, str], words: list[str]) -> list[str]:
    """The table's keys that the words name, in the table's order."""
    return [key for key, listed in table.items() if not set(listed.split()).isdisjoint(words)]


def _setting_of(subjects: list[str]) -> str:
    """Where a thing is usually found, when its prompt does not say."""
    usual = {
        "lighthouse": "sea", "boat": "sea", "ship": "sea", "beacon": "room", "lamp": "room", "lantern": "room", "house": "hills",
        "tree": "hills", "tower": "hills", "car": "road", "bicycle": "road", "bird": "sea",
        "watch": "studio", "ring": "studio", "bottle": "studio", "sun": "hills", "moon": "hills",
    }  # fmt: skip
    return next((usual[subject] for subject in subjects if subject in usual), "abstract")


def _mood(words: list[str]) -> tuple[float, ...]:
    """The mean of a vector for each word: near for prompts that share many of them."""
    telling = [word for word in words if len(word) > 2] or words or [""]
    digests = [hashlib.sha256(word.encode()).digest() for word in telling]
    scale = len(digests) ** 0.5
    return tuple(
        max(-1.0, min(1.0, sum(digest[axis] / 127.5 - 1 for digest in digests) / scale))
        for axis in range(5)
    )
