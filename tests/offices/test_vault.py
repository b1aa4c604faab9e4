"""Personal fields stand encrypted: what the tables hold, how a key is changed, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection

from applications import actions
from applications.models import Attachment, Decision, Paper, PaperBytes, Person
from applications.notices import pdf_of
from applications.queries import persons_with
from applications.workflow import State
from offices import vault
from offices.vault import VaultError, add_key, keyed_hash, keyring, seal, unseal
from tests.factories import FRIDAY, make_case, make_person, make_team

pytestmark = pytest.mark.django_db
SECRETS = {
    "iin": "990101500016",
    "phone": "+7 701 555 01 23",
    "address": "Құпия көшесі 7",
    "email": "kupiya@example.kz",
}


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.FIELD_KEYS, settings.FIELD_KEYS_FILE = "", tmp_path / "field_keys"


def column(model: Any, name: str) -> list[Any]:
    """What the column holds in the database itself."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {model._meta.db_table}")  # noqa: S608
        return [bytes(value) if isinstance(value, memoryview) else value for (value,) in cursor.fetchall()]


def test_no_identifier_contact_decision_or_paper_can_be_read_in_the_tables() -> None:
    case = make_case(make_team(), state=State.SIGNED, refused=True, person=make_person(**SECRETS))
    decision = case.decisions.get()
    pdf_of(case.papers.last())
    plain = [*SECRETS.values(), decision.text, decision.facts, "%PDF"]
    columns = [
        *((Person, name) for name in ("iin", "phone", "address", "email", "birth_date", "old_identifier", "search")),
        *((Decision, name) for name in ("text", "facts")),
        (Paper, "data"), (PaperBytes, "pdf"),
    ]  # fmt: skip
    for model, name in columns:
        for value in column(model, name):
            assert not any((text.encode() if isinstance(value, bytes) else text) in (value or "") for text in plain), (
                name
            )
    assert {name: getattr(Person.objects.get(), name) for name in SECRETS} == SECRETS


def test_a_person_is_found_by_the_whole_identifier_and_not_by_its_ciphertext() -> None:
    person = Person.objects.create(last_name="А", first_name="Б", iin="990101500016", old_identifier="СИК 12/А")
    assert persons_with("990101 500016") == persons_with("сик 12/а") == {person.pk}
    assert persons_with("99010150001") == persons_with("") == set()
    with pytest.raises(FieldError):
        Person.objects.filter(iin="990101500016")
    with pytest.raises(FieldError):
        Person.objects.filter(phone__contains="7")


def test_a_key_is_changed_while_people_work_and_the_old_one_may_go(settings: Any) -> None:
    case = make_case(make_team(), state=State.SIGNED, person=make_person(**SECRETS))
    before, paper = column(Person, "iin"), case.papers.last()
    pdf_of(paper)
    call_command("rotate_keys", verbosity=0)
    assert keyring().current == "k2"
    later = Person.objects.create(last_name="А", first_name="Б", phone="777")
    path = Path(settings.FIELD_KEYS_FILE)
    path.write_text(path.read_text().split()[0])  # only the new key stays
    assert column(Person, "iin") != before
    assert Person.objects.get(pk=case.person_id).iin == SECRETS["iin"]
    assert Person.objects.get(pk=later.pk).phone == "777"
    assert case.decisions.get().text
    assert pdf_of(paper).startswith(b"%PDF")


def test_a_value_that_was_changed_moved_or_lost_its_key_is_refused() -> None:
    sealed = seal("құпия", "applications.person.iin")
    for broken in (sealed[:-6] + "AAAAA=", "v1.k9." + sealed.split(".")[2], "құпия", "v2" + sealed[2:]):
        with pytest.raises(VaultError):
            unseal(broken, "applications.person.iin")
    with pytest.raises(VaultError):
        unseal(sealed, "applications.person.phone")


def test_the_same_text_is_sealed_otherwise_each_time_and_hashed_the_same() -> None:
    assert seal("а", "x") != seal("а", "x")
    assert keyed_hash("а") == keyed_hash("а") != keyed_hash("б")
    assert keyed_hash("") == ""


def test_the_key_file_is_for_its_owner_only(settings: Any) -> None:
    keyring()
    path = Path(settings.FIELD_KEYS_FILE)
    assert path.stat().st_mode & 0o777 == 0o600
    add_key()
    assert path.stat().st_mode & 0o777 == 0o600


def test_keys_from_the_environment_are_used_and_not_changed_by_the_command(settings: Any) -> None:
    settings.FIELD_KEYS = ",".join([vault.new_key("new"), vault.new_key("old")])
    assert seal("а", "x").startswith("v1.new.")
    with pytest.raises(VaultError, match="FIELD_KEYS"):
        add_key()


def test_files_of_people_stand_encrypted_on_the_disk_and_take_part_in_the_change_of_keys(settings: Any) -> None:
    team = make_team()
    case = make_case(team)
    row = Attachment(name="a.pdf", content_type="application/pdf", size=14, sha256="0" * 64, reason="x")
    row.file.save("a.pdf", ContentFile(b"%PDF secret 7"), save=False)
    actions.attach(case, attachment=row, by=team.clerk, at=FRIDAY)
    path = Path(row.file.path)
    assert b"secret" not in path.read_bytes()
    assert (row.file.storage.size(row.file.name), path.stat().st_mode & 0o777) == (13, 0o600)
    path.write_bytes(b"%PDF secret 7")  # as an older installation left it
    assert row.file.open("rb").read() == b"%PDF secret 7"
    for _ in range(2):
        call_command("rotate_keys", verbosity=0)
        assert b"secret" not in path.read_bytes()
    key_file = Path(settings.FIELD_KEYS_FILE)
    key_file.write_text(key_file.read_text().split()[0])
    assert Attachment.objects.get().file.open("rb").read() == b"%PDF secret 7"
