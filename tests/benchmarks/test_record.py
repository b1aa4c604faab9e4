"""How long it takes to look through the record of events: at most 60 s a million is wished."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest

from applications.casework import event_hash
from applications.chain import find_faults
from applications.models import Event, EventChain
from tests.factories import FRIDAY, office

EVENTS = int(os.environ.get("RECORD_EVENTS", "50000"))


@pytest.mark.django_db
def test_looking_through_the_record(benchmark: Any) -> None:
    place, before, rows = office("south:shymkent"), "0" * 64, []
    for seq in range(1, EVENTS + 1):
        at = FRIDAY + timedelta(seconds=seq)
        told = {"number": f"SHM-2026-{seq:05d}", "decision": seq, "grounds": [1, 2]}
        event = Event(office=place, seq=seq, kind="sign", happened_at=at, recorded_at=at, payload=told, previous=before)
        before = event.hash = event_hash(event)
        rows.append(event)
    Event.objects.bulk_create(rows, batch_size=2000)
    EventChain.objects.update_or_create(office=place, defaults={"seq": EVENTS, "head": before})
    faults = benchmark.pedantic(lambda: list(find_faults()), rounds=3)
    assert faults == []
    benchmark.extra_info["seconds_a_million"] = round(benchmark.stats.stats.min / EVENTS * 1_000_000, 1)
