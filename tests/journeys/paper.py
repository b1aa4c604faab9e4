"""Papers as people read them."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

KAZAKH_LETTERS = "әғқңөұүһі"


@dataclass(frozen=True)
class Print:
    """A PDF that somebody opened: its words, line by line."""

    lines: list[str]

    @property
    def text(self) -> str:
        """All words in single spaces."""
        return " ".join(self.lines)

    def __contains__(self, words: str) -> bool:
        return " ".join(words.split()) in self.text

    @property
    def code(self) -> str:
        """The secret code of a talon, set wide: between some letters a reading program sees a space."""
        narrow = [line.replace(" ", "") for line in self.lines]
        return next(line for line in narrow if re.fullmatch(r"[A-Z2-7]{5}-[A-Z2-7]{5}", line))


def read(pdf: bytes) -> Print:
    """Take the words out of a PDF."""
    assert pdf.startswith(b"%PDF")
    run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    lines = (" ".join(line.split()) for line in run.stdout.decode().splitlines())
    return Print([line for line in lines if line])
