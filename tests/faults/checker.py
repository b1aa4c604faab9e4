"""The checker: compares the journal of what was promised with what stands in the database. Each rule names what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from django.core.management import CommandError, call_command
from django.db.models import Count

from applications.models import Case, Decision, Event, EventChain, NumberBook, Paper
from offices.models import Job
from tests.faults.people import Journal

Rule = Callable[[Journal], Iterator[str]]


def check(journal: Journal) -> dict[str, list[str]]:
    """What is wrong, by rule; an empty dictionary when nothing is."""
    found = {name: [*rule(journal)] for name, rule in RULES.items()}
    return {name: wrong for name, wrong in found.items() if wrong}


def lost(journal: Journal) -> Iterator[str]:
    """1. Everything promised is there, under the number that was promised."""
    there = {case.person.iin: case for case in _cases()}
    for iin, promise in journal.promised.items():
        case = there.get(iin)
        if case is None or (case.pk, case.number) != (promise["case"], promise["number"]):
            yield f"promised {promise}, found {case and (case.pk, case.number)}"


def never_tried(journal: Journal) -> Iterator[str]:
    """2. Nothing is there that nobody tried, and nothing twice."""
    counted = Counter(case.person.iin for case in _cases())
    for iin, times in counted.items():
        if iin not in journal.attempted:
            yield f"never tried: {iin}"
        if times > 1:
            yield f"{times} cases for one form"


def twice(journal: Journal) -> Iterator[str]:
    """3. No number twice."""
    for model in (Case, Decision):
        rows = model.objects.exclude(number="").values("number").annotate(times=Count("pk")).filter(times__gt=1)
        yield from (f"{row['number']} {row['times']} times" for row in rows)


def gaps(journal: Journal) -> Iterator[str]:
    """4. Numbers are dense from 1 in each office, book and year (an annulled one keeps its row)."""
    for book, numbers in _by_book().items():
        missing = sorted({*range(1, max(numbers) + 1)} - numbers)
        if missing:
            yield f"{book}: missing {missing[:10]}"


def counters(journal: Journal) -> Iterator[str]:
    """5. The counter of a book is its highest number."""
    highest = {book: max(numbers) for book, numbers in _by_book().items()}
    for row in NumberBook.objects.select_related("office"):
        book = "-".join(part for part in (row.office.code, row.book, str(row.year)) if part)
        if row.last != highest.get(book, 0):
            yield f"{book}: counter {row.last}, highest {highest.get(book, 0)}"


def events(journal: Journal) -> Iterator[str]:
    """6. The chain of each office is whole: places dense, each event on the one before, its head known; one event an act."""
    for chain in EventChain.objects.all():
        rows = list(Event.objects.filter(office=chain.office_id).order_by("seq").values_list("seq", "previous", "hash"))
        if [row[0] for row in rows] != [*range(1, chain.seq + 1)]:
            yield f"office {chain.office_id}: {len(rows)} events, {chain.seq} counted"
        if any(after[1] != before[2] for before, after in pairwise(rows)) or (rows and rows[-1][2] != chain.head):
            yield f"office {chain.office_id}: the chain is broken"
    registered = Event.objects.filter(kind="register").values("case").annotate(times=Count("pk"))
    if any(row["times"] != 1 for row in registered) or registered.count() != Case.objects.exclude(number="").count():
        yield "registrations and their events differ in number"
    try:
        call_command("verify_events", verbosity=0)
    except CommandError as problem:
        yield f"verify_events: {problem}"


def effects(journal: Journal) -> Iterator[str]:
    """7. Each job has had its effect once: no paper without its job or job without its paper, none parked."""
    asked = set(Job.objects.filter(kind="paper").values_list("key", flat=True))
    papers = {f"paper:{key}" for key in Paper.objects.values_list("key", flat=True)}
    if asked != papers:
        yield f"{len(papers - asked)} papers without a job, {len(asked - papers)} jobs without a paper"
    parked = Job.objects.filter(parked_at__isnull=False).count()
    if parked:
        yield f"{parked} jobs parked"
    done = Job.objects.filter(kind="paper", done_at__isnull=False).values_list("key", flat=True)
    rendered = {f"paper:{key}" for key in Paper.objects.exclude(sha256="").values_list("key", flat=True)}
    if unmade := set(done) - rendered:
        yield f"{len(unmade)} papers whose job is done were never made"


RULES: dict[str, Rule] = {
    "1 lost": lost, "2 never tried": never_tried, "3 twice": twice, "4 gaps": gaps, "5 counters": counters,
    "6 events": events, "7 effects": effects,
}  # fmt: skip


def _cases() -> list[Case]:
    return list(Case.objects.exclude(number="").select_related("person"))


def _by_book() -> dict[str, set[int]]:
    """Book → the numbers that stand in it."""
    found: dict[str, set[int]] = {}
    for model in (Case, Decision):
        for number in model.objects.exclude(number="").values_list("number", flat=True):
            book, _, last = number.rpartition("-")
            found.setdefault(book, set()).add(int(last))
    return found
