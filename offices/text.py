"""Words: labels in three languages, and folding for search and order by the Kazakh alphabet."""

import re
from typing import Any

from django.utils.translation import get_language

LANGUAGES = ("kk", "ru", "en")
# Code-point order would put Ә, Ғ, Қ, Ң, Ө, Ұ, Ү, Һ, І after Я.
KAZAKH_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_ORDER = {letter: f"{place:02d}" for place, letter in enumerate(KAZAKH_ALPHABET, start=10)}


class Label:
    """Reads `name` from the fields `name_kk`, `name_ru`, `name_en` in the page's language, kk where that one is empty."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> str:
        if instance is None:
            return self.name
        return in_language(
            {language: getattr(instance, f"{self.name}_{language}") for language in LANGUAGES}, current_language()
        )


def current_language() -> str:
    """The page's language: kk, ru or en."""
    language = (get_language() or "kk")[:2]
    return language if language in LANGUAGES else "kk"


def in_language(labels: dict[str, str] | None, language: str | None = None) -> str:
    """The wording of `labels` ({kk, ru, en}) in `language` (the page's by default), else kk, else whatever there is."""
    labels = labels or {}
    wanted = labels.get(language or current_language()) or labels.get("kk")
    return wanted or next((text for text in labels.values() if text), "")


def fold(text: str) -> str:
    """Fold `text` for search: small letters, ё as е, single spaces. The same on every database."""
    return " ".join(text.casefold().replace("ё", "е").split())


# People without a Kazakh keyboard type the nearest Russian letter; old prints have Latin letters among Cyrillic ones.
_NEAREST = str.maketrans("әғқңөұүһі", "агкноуухи")
_LOOK_ALIKES = str.maketrans("aceopxyi", "асеорхуи")
_CYRILLIC = re.compile("[а-яәғқңөұүһі]")


def plain_words(text: str) -> list[str]:
    """The words of `text` for search, each folded, Kazakh letters as the nearest Russian ones: "Көмекші" as "комекши"."""
    return [_plain(word) for word in re.findall(r"\w{2,}", fold(text))]


def _plain(word: str) -> str:
    if _CYRILLIC.search(word):
        word = word.translate(_LOOK_ALIKES)
    return word.translate(_NEAREST)


def sort_key(text: str) -> str:
    """A key that orders `text` by the Kazakh alphabet in any database collation (two characters a letter)."""
    return "".join(_ORDER.get(letter, f"0{letter}") for letter in text.casefold())[:200]
