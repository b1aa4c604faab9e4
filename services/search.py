"""Full-text search over services and offices, in the three languages, out of ordinary tables of the database.

Words are kept folded, with their trigrams beside them, so a near miss ("каляска") and any ending of a word are found on SQLite
and on PostgreSQL alike, without an extension or another server (docs/decisions: search).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from offices.models import Office
from offices.text import LANGUAGES, plain_words
from services.models import Edition, SearchGram, SearchTerm, Service

_MOST_WORDS, _MOST_CANDIDATES, _LONGEST = 6, 80, 60
_EVERYDAY, _NAME, _PLACE, _FACT, _ACT = 10, 8, 4, 2, 1
_LIKE_ENOUGH, _LIKE_ENOUGH_SHORT = 0.5, 0.75
_SHORT = 3
_FAR_BEHIND = 0.4  # of the best score: what is found only in passing is left out where a name fits


@dataclass(frozen=True)
class Hit:
    """A page that was found: `kind` is service or office, `key` its code or key; the best has the highest score."""

    kind: str
    key: str
    score: float


def find(text: str, *kinds: str) -> list[Hit]:
    """The pages that fit what somebody typed, the best first; of `kinds` only, where some are named.

    All words must be found; where no page has all of them, those with the most.
    """
    words = list(dict.fromkeys(word[:_LONGEST] for word in plain_words(text)))[:_MOST_WORDS]
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for word in words:
        likeness = _alike(word)
        terms = SearchTerm.objects.filter(word__in=likeness)
        if kinds:
            terms = terms.filter(kind__in=kinds)
        for term, kind, key, weight in terms.values_list("word", "kind", "key", "weight"):
            page = found[kind, key]
            page[word] = max(page.get(word, 0), weight * likeness[term])
    most = max(map(len, found.values()), default=0)
    hits = [Hit(*page, sum(scores.values())) for page, scores in found.items() if len(scores) == most]
    best = max((hit.score for hit in hits), default=0)
    return sorted(
        (hit for hit in hits if hit.score >= best * _FAR_BEHIND), key=lambda hit: (-hit.score, hit.kind, hit.key)
    )


def _alike(typed: str) -> dict[str, float]:
    """Words of the index like `typed`, each with its likeness: 1 the same word, 0.9 one that begins so, else by trigrams."""
    grams = trigrams(typed)
    common = SearchGram.objects.filter(gram__in=grams).values("word").annotate(shared=Count("pk"))
    near = common.filter(shared__gte=math.ceil(len(grams) * 0.4)).order_by("-shared", "word")[:_MOST_CANDIDATES]
    enough = _LIKE_ENOUGH_SHORT if len(typed) <= _SHORT else _LIKE_ENOUGH
    alike = {row["word"]: _likeness(typed, row["word"], row["shared"], len(grams)) for row in near}
    return {word: likeness for word, likeness in alike.items() if likeness >= enough}


def _likeness(typed: str, word: str, shared: int, of: int) -> float:
    if word == typed:
        return 1.0
    if len(typed) >= _SHORT and word.startswith(typed):
        return 0.9
    return 2 * shared / (of + len(trigrams(word))) * 0.9


def trigrams(word: str) -> set[str]:
    """Every three letters in a row, with two blanks before the word and one after it."""
    padded = f"  {word} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


# ------------------------------------------------------------------ the index


def rebuild() -> int:
    """Index every service and office; what has not changed costs a look only. Gives the number of terms."""
    for service in Service.objects.all():
        index_service(service)
    for office in Office.objects.all():
        index_office(office)
    return SearchTerm.objects.count()


def index_service(service: Service) -> None:
    """Let the service be found by its names, what people call it, and what its published editions say."""
    words: dict[str, int] = {}
    _weigh(words, _EVERYDAY, _in_all_languages(service, "everyday"))
    _weigh(words, _NAME, _in_all_languages(service, "name"))
    related = ("documents", "grounds", "points")
    editions = Edition.objects.published().filter(service=service).prefetch_related(*related)
    for edition in editions:
        _weigh(words, _PLACE, _in_all_languages(edition, "name"))
        _weigh(words, _FACT, _in_all_languages(edition, "result", "recipients"))
        for paper in edition.documents.all():
            _weigh(words, _FACT, _in_all_languages(paper, "name", "condition"))
        for ground in edition.grounds.all():
            _weigh(words, _FACT, _in_all_languages(ground, "name"))
        _weigh(words, _ACT, (point.text_kk for point in edition.points.all()))
    _write("service", service.code, words)


def index_office(office: Office) -> None:
    """Let the office be found by its district or city, its name and its address."""
    words: dict[str, int] = {}
    _weigh(words, _NAME, _in_all_languages(office, "locality"))
    _weigh(words, _PLACE, _in_all_languages(office, "name"))
    _weigh(words, _FACT, _in_all_languages(office, "address"))
    _write("office", office.key, words)


def forget_office(key: str) -> None:
    """Let an office that was deleted not be found any more."""
    SearchTerm.objects.filter(kind="office", key=key).delete()


def _in_all_languages(row: object, *names: str) -> Iterable[str]:
    return (getattr(row, f"{name}_{language}") for name in names for language in LANGUAGES)


def _weigh(words: dict[str, int], weight: int, texts: Iterable[str]) -> None:
    """Add the words of `texts`; a word keeps the greatest weight it ever had."""
    for text in texts:
        for word in plain_words(text):
            words[word[:_LONGEST]] = max(words.get(word[:_LONGEST], 0), weight)


@transaction.atomic
def _write(kind: str, key: str, words: dict[str, int]) -> None:
    """Make the terms of a page these; the trigrams of new words are added, those of old ones do no harm."""
    kept = SearchTerm.objects.filter(kind=kind, key=key)
    if dict(kept.values_list("word", "weight")) == words:
        return
    kept.delete()
    terms = (SearchTerm(word=word, kind=kind, key=key, weight=weight) for word, weight in words.items())
    # Of two who index the same page at the same moment neither may fail: both write what stands in the tables.
    SearchTerm.objects.bulk_create(terms, ignore_conflicts=True)
    known = set(SearchGram.objects.filter(word__in=words).values_list("word", flat=True).distinct())
    fresh = words.keys() - known
    SearchGram.objects.bulk_create(
        (SearchGram(gram=gram, word=word) for word in fresh for gram in trigrams(word)),
        batch_size=5000,
        ignore_conflicts=True,
    )
