"""Words: labels in three languages, and folding for search and order by the Kazakh alphabet."""

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


def sort_key(text: str) -> str:
    """A key that orders `text` by the Kazakh alphabet in any database collation (two characters a letter)."""
    return "".join(_ORDER.get(letter, f"0{letter}") for letter in text.casefold())[:200]
