"""What may be a password: long, nothing that everybody tries first, and no mere string of this house's own words.

Of Django's list of the commonest passwords hardly two hundred are as long as ours must be. What people make of the others to be
long enough (one twice, two together, with figures in between) is refused as well.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from offices.models import Office
from offices.text import fold

# Words of this house and this country, in the three languages and as people type them on a Latin keyboard.
_WORDS = """
employment office offices department social programme programmes program programs service services support benefit help assistance
clerk head deputy executor inspector accumulator observer administrator admin root user guest system demo demonstration test temp
password passphrase passwort secret login welcome letmein qwerty qwertyuiop asdfgh azerty abc abcd abcde abcdef iloveyou
kz kazakhstan qazaqstan kazakstan almaty astana shymkent taraz kokshetau petropavl petropavlovsk zhambyl jambyl akmola aqmola
south north ontustik soltustik oblast region district city akimat akim egov halyk qala audan
zhumys jumys zhumyspen qamtu kamtu aleumettik bagdarlama bagdarlamalar bolim bolimi parol kupiya qupia qupiasoz kupiyasoz salem
жұмыс жұмыспен қамту әлеумет әлеуметтік бағдарлама бағдарламалар бөлім бөлімі қызмет қызметі өтініш құпия құпиясөз сәлем
қазақстан алматы астана шымкент тараз көкшетау петропавл жамбыл ақмола оңтүстік солтүстік облыс облысы аудан ауданы қала қаласы
пароль админ администратор занятость занятости социальные социальных программа программы программ отдел услуга услуги пособие
помощь казахстан область район город привет йцукен йцукенг фывапр
january february march april may june july august september october november december spring summer autumn winter
қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан көктем жаз күз қыс
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь весна лето осень зима
"""
_KEPT = re.compile(r"[^\W\d_]+")
_SHORTEST = 3
# Of the list of common passwords: how short a piece may be, how many of them make no password yet, how much is looked at.
_PIECE, _PIECES, _LOOKED_AT = 4, 2, 100


class LocalWordsValidator:
    """Refuses a password that is made of this house's words, names of its offices and places, and figures, nothing else."""

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError where every run of letters is such a word."""
        runs = _KEPT.findall(fold(password))
        own = {fold(part) for part in (getattr(user, "username", "") or "").replace("-", ".").split(".")}
        words = _words() | {word for word in own if len(word) >= _SHORTEST}
        if all(_is_made_of(run, words) for run in runs) or _fewest_pieces(password.casefold()) <= _PIECES:
            raise ValidationError(
                _(
                    "This password consists of words and figures that a stranger would try first. Add words of your own."
                ),
                code="password_of_local_words",
            )

    def get_help_text(self) -> str:
        """For the form."""
        return _("Not only names of offices, places, programmes and years.")


@cache
def _common() -> tuple[frozenset[str], int]:
    """The commonest passwords that are a piece of one, and the length of the longest."""
    found = frozenset(word.casefold() for word in CommonPasswordValidator().passwords if len(word) >= _PIECE)
    return found, max(map(len, found))


def _fewest_pieces(password: str) -> float:
    """Of how many common passwords `password` is made, with any signs but letters between them; infinite where it is not."""
    common, longest = _common()
    password = password[:_LOOKED_AT]
    fewest = [0.0, *[float("inf")] * len(password)]
    for end in range(1, len(password) + 1):
        if not password[end - 1].isalpha():
            fewest[end] = fewest[end - 1]
        for start in range(max(0, end - longest), end - _PIECE + 1):
            if password[start:end] in common:
                fewest[end] = min(fewest[end], fewest[start] + 1)
    return fewest[-1]


@cache
def _words() -> frozenset[str]:
    """The list above, and the words of the names and places in the contact tables."""
    columns = [f"{name}_{language}" for name in ("name", "locality") for language in ("kk", "ru", "en")]
    tables = " ".join(" ".join(row) for row in Office.objects.values_list(*columns))
    places = {word for word in _KEPT.findall(fold(tables)) if len(word) >= _SHORTEST}
    return frozenset(places | set(_KEPT.findall(fold(_WORDS))))


def _is_made_of(run: str, words: frozenset[str] | set[str]) -> bool:
    """Whether `run` is one letter, a letter repeated, or words of the list put one after another."""
    if len(set(run)) == 1:
        return True
    reached = {0}
    for end in range(1, len(run) + 1):
        if any(run[start:end] in words for start in reached):
            reached.add(end)
    return len(run) in reached
