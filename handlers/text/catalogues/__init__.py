"""The sentences of each language, as gettext catalogues: a ``.po`` file each, read when its language is first used.

``python -m tests.catalogues`` brings them up to date with the code.
"""

import io
from functools import cache
from gettext import GNUTranslations
from importlib import resources

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


@cache
def names() -> tuple[str, ...]:
    """Return the name of every catalogue: that of its file, a locale."""
    files = resources.files(__package__).iterdir()
    return tuple(sorted(file.name.removesuffix(".po") for file in files if file.name.endswith(".po")))


@cache
def read(name: str) -> GNUTranslations:
    """Return the catalogue of a language: ``en``, ``zh_CN``."""
    source = resources.files(__package__).joinpath(f"{name}.po")
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)
