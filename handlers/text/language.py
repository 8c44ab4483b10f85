"""The language that a text is written in: sentences, plurals, lists, numbers. An argument, never process-wide."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from gettext import NullTranslations
from itertools import pairwise

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal

from handlers.text import catalogues

SIZE_UNITS = ("B", "kB", "MB", "GB", "TB")
"""Decimal units, as storage is sold and billed; the symbols are the same in every language."""


def sentence(text: str) -> str:
    """Mark a sentence of a table for the catalogues; ``Language.say`` translates it when it is said."""
    return text


def plural(one: str, many: str) -> tuple[str, str]:
    """Mark a sentence of a table, in its two English forms, for the catalogues; ``Language.say_n`` says it."""
    return one, many


@dataclass(frozen=True)
class Language:
    """One language. English sentences are their own message ids; the catalogue is read when it is first used."""

    name: str
    locale: Locale

    @property
    def catalogue(self) -> NullTranslations:
        """Return the sentences of this language."""
        return catalogues.read(self.name)

    @property
    def own_name(self) -> str:
        """Return what it calls itself."""
        return self.locale.get_language_name() or self.name

    def say(self, text: str, /, **values: object) -> str:
        """Return a sentence with its ``{names}`` filled in. Values are texts that were made safe before."""
        return self.catalogue.gettext(text).format(**values)

    def say_n(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Return the sentence for this number of things; ``{n}`` in it is the number."""
        return self.catalogue.ngettext(one, many, number).format(n=self.number(number), **values)

    def number(self, value: int) -> str:
        """Return a number as this language writes it: ``1,234``."""
        return format_decimal(value, locale=self.locale)

    def listed(self, names: Sequence[str]) -> str:
        """Join names as a person would: ``a, b and c``."""
        return format_list(list(names), locale=self.locale)

    def either(self, names: Sequence[str]) -> str:
        """Join names of which one is meant: ``a, b or c``."""
        return format_list(list(names), style="or", locale=self.locale)

    def sentences(self, *parts: str) -> str:
        """Join sentences that stand in one paragraph, the empty ones left out.

        Chinese has no space behind a full stop; Slack needs one before and behind what is bold.
        """
        said = [part for part in parts if part]
        if self.locale.language != "zh" or not said:
            return " ".join(said)
        apart = (" " if one.endswith("*") or other.startswith("*") else "" for one, other in pairwise(said))
        return said[0] + "".join(f"{gap}{part}" for gap, part in zip(apart, said[1:], strict=True))

    def series(self, parts: Iterable[str]) -> str:
        """Join parts of an enumeration: ``a, b, c``."""
        return self.say(", ").join(parts)

    def size(self, count: int | None) -> str | None:
        """Return a number of bytes in decimal units: ``12.6 MB``; None when it is not known."""
        if count is None:
            return None
        value, units = float(count), iter(SIZE_UNITS)
        unit = next(units)
        while round(value, 1) >= 1000 and unit != SIZE_UNITS[-1]:
            value, unit = value / 1000, next(units)
        pattern = "#,##0" if unit == "B" else "#,##0.0"
        return f"{format_decimal(value, format=pattern, locale=self.locale)} {unit}"

    def lasting(self, seconds: int) -> str:
        """Return roughly how long something takes: ``40 s``, ``3 min``, ``2 h 5 min``."""
        if seconds < 90:
            return self.say("{n} s", n=self.number(seconds))
        hours, minutes = divmod(-(-seconds // 60), 60)
        if not hours:
            return self.say("{n} min", n=minutes)
        return self.say("{hours} h {minutes} min", hours=self.number(hours), minutes=minutes)

    def moment(self, at_ms: int) -> str:
        """Return a time in the reader's own time zone, with UTC for those who read the raw text."""
        return self._date(at_ms, "{time}", "%Y-%m-%d %H:%M UTC")

    def instant(self, at_ms: int) -> str:
        """Return a time to the second in the reader's own time zone: for what happens within minutes."""
        return self._date(at_ms, "{time_secs}", "%Y-%m-%d %H:%M:%S UTC")

    def day(self, at_ms: int) -> str:
        """Return a day in the reader's own time zone, with that in UTC for those who read the raw text."""
        return _token(at_ms, "{date_short}", "%Y-%m-%d")

    def _date(self, at_ms: int, time: str, fallback: str) -> str:
        return _token(at_ms, self.say("{date} at {time}", date="{date_short_pretty}", time=time), fallback)


def _token(at_ms: int, tokens: str, fallback: str) -> str:
    """Return a time that Slack shows to each reader in their own time zone and way of writing."""
    raw = datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime(fallback)
    return f"<!date^{at_ms // 1000}^{tokens}|{raw}>"


ENGLISH = Language("en", Locale("en", "GB"))
"""The language that everything is written in first, formatted as in Britain."""


@cache
def languages() -> Mapping[str, Language]:
    """Return every language that there is a catalogue of, by the catalogue's name."""
    return {name: Language(name, Locale.parse(name)) for name in catalogues.names()} | {ENGLISH.name: ENGLISH}


def for_locale(tag: str) -> Language | None:
    """Return the language of a locale as people and Slack write it (``zh-CN``, ``zh``, ``en_GB``), if any."""
    known = {language.locale.language: language for language in languages().values()}
    return known.get(re.split("[-_]", tag.strip().lower(), maxsplit=1)[0])
