"""The individual identification number (ЖСН, ИИН) and the secret code of a talon. Pure rules."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

_FIRST = range(1, 12)
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_CENTURY = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
CODE_LENGTH = 10  # ten characters of 5 bits: 50 bits


@dataclass(frozen=True)
class IinCheck:
    """What can be read from a number: whether it is well formed, and the birth date it carries."""

    problem: str  # "", "length", "control", "date"
    birth_date: date | None = None


def check_iin(iin: str) -> IinCheck:
    """Check a number of 12 digits by its control digit (two passes) and birth date; DOMAIN section 7.

    Real exceptions exist, so a failed check warns and takes a reason; it never blocks.
    """
    if len(iin) != 12 or not iin.isascii() or not iin.isdigit():
        return IinCheck("length")
    birth = _birth_date(iin)
    if _control_digit(iin) != int(iin[11]):
        return IinCheck("control", birth)
    return IinCheck("" if birth else "date", birth)


def _control_digit(iin: str) -> int | None:
    digits = [int(digit) for digit in iin[:11]]
    for weights in (_FIRST, _SECOND):
        remainder = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if remainder != 10:
            return remainder
    return None


def _birth_date(iin: str) -> date | None:
    century = _CENTURY.get(iin[6])
    if century is None:
        # The 7th digit 0 is seen on numbers of foreigners: the century is then not told.
        return None
    try:
        return date(century + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        return None


def mask_iin(iin: str) -> str:
    """The last four digits only, for lists."""
    return f"•••• {iin[-4:]}" if iin else ""


def talon_code(key: str, case_key: str) -> str:
    """The code printed on a talon: 50 bits drawn from the case's random id by a keyed hash, such as 7KQ2M-X4PDA.

    It is unrelated to the number and to the person, is stored nowhere, and can be printed again as long as the key lives.
    """
    digest = hmac.new(key.encode(), case_key.encode(), hashlib.sha256).digest()
    code = base64.b32encode(digest)[:CODE_LENGTH].decode()
    return f"{code[:5]}-{code[5:]}"


def normal_code(typed: str) -> str:
    """A code as people type it (small letters, no hyphen, 0 for O, 1 for I) in the printed form."""
    letters = "".join(character for character in typed.upper() if character.isalnum())
    letters = letters.replace("0", "O").replace("1", "I").replace("8", "B")
    return f"{letters[:5]}-{letters[5:]}"


def same_code(expected: str, typed: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(expected.encode(), normal_code(typed).encode("ascii", "replace"))
