"""People are found by parts of their names, whatever the database, and whatever has become of the row since."""

from __future__ import annotations

import pytest
from django.db import connection

from applications.models import Person
from applications.queries import search
from tests.factories import make_case, make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["мұхамм", "АҚБӨПЕ нұрм", "өтегенқызы", "ова ақ", "нұрмұхаммедова ақбөпе өтегенқызы"])
def test_a_person_is_found_by_parts_of_the_name_in_any_order_and_case(typed: str) -> None:
    team = make_team()
    case = make_case(team)
    make_case(team, person=make_person(last_name="Соколов", first_name="Андрей", patronymic=""))
    assert list(search(typed, team.clerk)) == [case]


@pytest.mark.parametrize("typed", ['"', "' OR 1=1", "ақ*", "NEAR(а б)", "^нұр", "%", "нұр-хан", "{}"])
def test_signs_that_an_index_might_take_for_its_own_find_nobody_and_break_nothing(typed: str) -> None:
    team = make_team()
    make_case(team)
    assert list(search(typed, team.clerk)) == []


def test_a_changed_name_is_found_by_the_new_one_only() -> None:
    team = make_team()
    case = make_case(team)
    person = Person.objects.get(pk=case.person_id)
    person.last_name = "Сейітқалиева"
    person.save()
    assert list(search("сейітқали", team.clerk)) == [case]
    assert list(search("нұрмұхаммедова", team.clerk)) == []


def test_the_search_reads_an_index() -> None:
    team = make_team()
    make_case(team)
    plan = search("мұхаммед", team.clerk).explain()
    if connection.vendor == "sqlite":
        assert "VIRTUAL TABLE INDEX" in plan
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert "person_search_trigrams" in Person.objects.filter(search__contains="мұхаммед").explain()
