"""Looking whether the record was tampered with: every link of every chain, its guard, and the heads that left the database.

A chain shows an edited, deleted, inserted or swapped event by itself. Who may write the database can make a whole chain anew
or cut off its end and mend the head: that is seen only against heads written elsewhere, so they leave the database every day.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection

from applications.casework import LINKED, link_hash, words_hash
from applications.guards import unguarded
from applications.models import Event, EventChain, EventWords
from offices.models import Office

_START = "0" * 64


@dataclass(frozen=True)
class Fault:
    """Something that an honest program does not leave behind: where (office key and place in the chain) and what."""

    office: str
    seq: int
    what: str

    def __str__(self) -> str:
        return f"{self.office} {self.seq}: {self.what}" if self.office else self.what


@dataclass(frozen=True)
class Head:
    """The end of an office's chain as it stood at a moment."""

    at: str
    office: str
    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.at} {self.office} {self.seq} {self.hash}"


def heads(at: datetime) -> list[Head]:
    """The heads of all chains as they stand now."""
    rows = EventChain.objects.filter(seq__gt=0).order_by("office__key").values_list("office__key", "seq", "head")
    return [Head(at.isoformat(timespec="seconds"), *row) for row in rows]


def export_heads(path: Path, at: datetime) -> list[Head]:
    """Append the heads that moved since the last time to the file; gives what was written."""
    known = {(head.office, head.seq) for head in read_heads(path)}
    fresh = [head for head in heads(at) if (head.office, head.seq) not in known]
    with path.open("a", encoding="ascii") as file:
        file.writelines(f"{head}\n" for head in fresh)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def read_heads(path: Path) -> list[Head]:
    """The heads that were written to the file; none where there is no file."""
    if not path.exists():
        return []
    rows = (line.split() for line in path.read_text(encoding="ascii").splitlines() if line.strip())
    return [Head(at, office, int(seq), digest) for at, office, seq, digest in rows]


def find_faults(written: Iterable[Head] = ()) -> Iterator[Fault]:
    """Every fault of the record, the guard first, then chain by chain. `written` are heads that left the database."""
    for name in unguarded(connection):
        yield Fault("", 0, f"the guard {name} of the event log is missing or switched off")
    keys = dict(Office.objects.values_list("pk", "key"))
    ends = {row.office_id: (row.seq, row.head) for row in EventChain.objects.all()}
    outside: dict[str, dict[int, str]] = {}
    for head in written:
        outside.setdefault(head.office, {})[head.seq] = head.hash
    rows = (
        Event.objects.everywhere("the record is checked whole")
        .order_by("office_id", "seq")
        .values_list(*LINKED, "hash")
        .iterator(5000)
    )
    for office_id, chain in groupby(rows, key=lambda row: row[0]):
        key = keys.get(office_id, str(office_id))
        yield from _faults_of(key, chain, ends.pop(office_id, (0, _START)), outside.pop(key, {}))
    for office_id, (seq, _head) in ends.items():
        if seq:
            yield Fault(keys[office_id], 1, f"all {seq} events are gone")
    for key, known in outside.items():
        yield Fault(key, max(known), "a chain that was written down is gone")
    yield from _changed_words(keys)


def _faults_of(key: str, chain: Iterable[Any], end: tuple[int, str], known: dict[int, str]) -> Iterator[Fault]:
    before, place = _START, 0
    for *linked, digest in chain:
        seq, previous = linked[1], linked[10]
        if seq != place + 1:
            yield Fault(key, place + 1, f"events {place + 1} to {seq - 1} are missing")
        elif previous != before:
            yield Fault(key, seq, "does not follow the event before it: inserted, swapped or written anew")
        if link_hash(*linked) != digest:
            yield Fault(key, seq, "was changed: its hash does not recompute")
        if seq in known and known.pop(seq) != digest:
            yield Fault(key, seq, "is not the event that was written down: the chain was made anew")
        before, place = digest, seq
    if (place, before) != end:
        yield Fault(key, place, f"the chain's head says {end[0]}: events were cut off or added past the program")
    for seq in sorted(known):
        yield Fault(key, seq, "was written down and is gone: the end was cut off")


def _changed_words(keys: dict[int, str]) -> Iterator[Fault]:
    rows = EventWords.objects.values_list("salt", "words", "event__payload", "event__office", "event__seq")
    for salt, words, payload, office_id, seq in rows.iterator(5000):
        if words_hash(salt, words) != payload.get("words"):
            yield Fault(keys.get(office_id, str(office_id)), seq, "the words written with it were changed")
