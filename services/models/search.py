"""The words under which services and offices are found (services/search.py)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchTerm(models.Model):
    """A word under which a page is found: a service by its code, an office by its key."""

    word = models.CharField(max_length=60, db_index=True)
    kind = models.CharField(max_length=8, choices=[("service", _("service")), ("office", _("office"))])
    key = models.CharField(max_length=60)
    weight = models.PositiveSmallIntegerField(help_text="10: what people call it; 1: somewhere in the act")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "key", "word"), name="one_term_a_page_and_word"),)

    def __str__(self) -> str:
        return f"{self.word} → {self.kind} {self.key}"


class SearchGram(models.Model):
    """Three letters in a row of a word: what a misspelt word still has in common with the right one."""

    gram = models.CharField(max_length=3)
    word = models.CharField(max_length=60)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("gram", "word"), name="one_gram_a_word"),)
        indexes = (models.Index(fields=("word",), name="search_gram_word"),)

    def __str__(self) -> str:
        return f"{self.gram} in {self.word}"
