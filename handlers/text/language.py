"""The language that a text is written in: sentences, plurals, lists, numbers. An argument, never process-wide."""

from collections.abc import Sequence
from dataclasses import dataclass
from gettext import NullTranslations

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal


@dataclass(frozen=True)
class Language:
    """One language: Babel's locale and the catalogue of sentences. English sentences are their own message ids."""

    locale: Locale
    catalogue: NullTranslations

    def say(self, sentence: str, /, **values: object) -> str:
        """Return a sentence with its ``{names}`` filled in. Values are texts that were made safe before."""
        return self.catalogue.gettext(sentence).format(**values)

    def say_n(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Return the sentence for this number of things; ``{n}`` in it is the number."""
        return self.catalogue.ngettext(one, many, number).format(n=self.number(number), **values)

    def number(self, value: int) -> str:
        """Return a number as this language writes it: ``1,234``."""
        return format_decimal(value, locale=self.locale)

    def listed(self, names: Sequence[str]) -> str:
        """Join names as a person would: ``a, b and c``."""
        return format_list(list(names), locale=self.locale)


ENGLISH = Language(Locale("en", "GB"), NullTranslations())
"""The language that everything is written in first."""
