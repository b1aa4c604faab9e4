"""The IIN's control digit and birth date (DOMAIN section 7), and the secret code of a talon."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.identifiers import check_iin, mask_iin, normal_code, same_code, talon_code

KEYS = st.uuids().map(str)


@pytest.mark.parametrize("iin", ["990101500016", "990101500708"], ids=["first pass", "second pass"])
def test_a_number_of_either_pass_is_good_and_tells_the_birth_date(iin: str) -> None:
    found = check_iin(iin)
    assert (found.problem, found.birth_date) == ("", date(2099, 1, 1))


@pytest.mark.parametrize("digit", "0123456789")
def test_a_stem_that_neither_pass_can_close_is_never_good(digit: str) -> None:
    assert check_iin(f"99010150071{digit}").problem == "control"


@pytest.mark.parametrize(
    ("iin", "good"), [("990101500016", "6"), ("990101500708", "8")], ids=["first pass", "second pass"]
)
def test_exactly_one_digit_closes_a_stem(iin: str, good: str) -> None:
    assert [digit for digit in "0123456789" if not check_iin(iin[:11] + digit).problem] == [good]


@pytest.mark.parametrize(
    "text", ["", "99010150001", "9901015000160", "99010150001x", "٩٩٠١٠١٥٠٠٠١٦", "²²²²²²²²²²²²", " 90101500016", "-90101500016"]
)  # fmt: skip
def test_what_is_not_twelve_digits_is_no_iin(text: str) -> None:
    assert check_iin(text).problem == "length"


@pytest.mark.parametrize(
    ("seventh", "century"), [("1", 1800), ("2", 1800), ("3", 1900), ("4", 1900), ("5", 2000), ("6", 2000)]
)
def test_the_seventh_digit_tells_the_century(seventh: str, century: int) -> None:
    stem = f"850615{seventh}0001"
    [good] = [check_iin(stem + digit) for digit in "0123456789" if check_iin(stem + digit).problem != "control"]
    assert (good.problem, good.birth_date) == ("", date(century + 85, 6, 15))


@pytest.mark.parametrize("stem", ["85061500001", "85061570001", "85133130001", "00023030001", "99000030001"])
def test_a_number_without_a_birth_date_is_doubtful_not_wrong(stem: str) -> None:
    checks = [check_iin(stem + digit) for digit in "0123456789"]
    assert {check.problem for check in checks} <= {"date", "control"}
    assert not any(check.birth_date for check in checks)


def test_about_nine_in_a_hundred_need_the_second_pass_and_few_are_unusable() -> None:
    stems = [f"850615{serial:05d}" for serial in range(30_000, 40_000)]
    unusable = sum(all(check_iin(stem + digit).problem == "control" for digit in "0123456789") for stem in stems)
    assert 0.005 < unusable / len(stems) < 0.012


@given(st.text(max_size=20))
def test_any_text_is_checked_without_an_error(text: str) -> None:
    assert check_iin(text).problem in ("", "length", "control", "date")


def test_a_list_shows_the_last_four_digits() -> None:
    assert (mask_iin("990101500016"), mask_iin("")) == ("•••• 0016", "")


# ------------------------------------------------------------------ talon codes


def test_a_code_is_the_same_as_long_as_the_key_lives() -> None:
    code = talon_code("key", "3f2b")
    assert code == talon_code("key", "3f2b")
    assert code not in (talon_code("key", "3f2c"), talon_code("other key", "3f2b"))


@given(KEYS)
def test_a_code_has_ten_letters_and_figures_that_cannot_be_mistaken(key: str) -> None:
    code = talon_code("key", key)
    assert len(code) == 11
    assert code[5] == "-"
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-")


@given(KEYS)
def test_a_code_is_accepted_as_people_type_it(key: str) -> None:
    code = talon_code("key", key)
    look_alikes = code.replace("O", "0").replace("I", "1").replace("B", "8")
    for typed in (code, code.lower(), code.replace("-", ""), f" {code[:5]} {code[6:]} ", look_alikes):
        assert same_code(code, typed)
    assert normal_code(code.lower()) == code


@given(KEYS, KEYS)
def test_a_code_opens_its_own_case_only(one: str, other: str) -> None:
    assert same_code(talon_code("key", one), talon_code("key", other)) == (one == other)


@given(st.text(max_size=40))
def test_any_typed_text_is_compared_without_an_error(text: str) -> None:
    assert not same_code("AAAAA-AAAAA", text) or set(text.upper()) >= {"A"}


def test_codes_of_many_cases_differ() -> None:
    assert len({talon_code("key", str(serial)) for serial in range(5_000)}) == 5_000
