"""The sentences in the code and the catalogues: ``python -m tests.catalogues`` brings the catalogues up to date.

New sentences are added, untranslated; of a sentence that changed, the old translation is kept and marked as fuzzy.
``tests/handlers/test_catalogues.py`` says what is left to do.
"""

import ast
import io
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import handlers
from handlers.text.language import ENGLISH, languages

CODE = Path(handlers.__path__[0])
FOLDER = CODE / "text" / "catalogues"

SAID = {"say": 1, "say_n": 2, "sentence": 1, "plural": 2}
"""Functions whose first arguments are sentences, and how many of them."""

VARYING = re.compile(
    r'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Project|Report).*\n'
)
"""Lines of a header that would change with every update, or that say nothing."""

CHINESE = languages()["zh_CN"]

Sentence = str | tuple[str, str]


@dataclass(frozen=True)
class Found:
    """A sentence in the code, and the values it is said with; None where it stands in a table."""

    text: Sentence
    place: str
    line: int
    values: frozenset[str] | None


def found() -> Iterator[Found]:
    """Find every sentence in the code."""
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in SAID:
                yield from _sentence(node, path)


def _sentence(call: ast.Call, path: Path) -> Iterator[Found]:
    name = _name(call.func)
    texts = [arg.value for arg in call.args[: SAID[name]] if isinstance(arg, ast.Constant)]
    if len(texts) != SAID[name] or not all(isinstance(text, str) for text in texts):
        return
    values = None
    if name in {"say", "say_n"} and all(keyword.arg for keyword in call.keywords):
        values = frozenset(str(keyword.arg) for keyword in call.keywords)
    text = (str(texts[0]), str(texts[1])) if len(texts) == 2 else str(texts[0])
    yield Found(text, str(path.relative_to(CODE.parent)), call.lineno, values)


def _name(func: ast.expr) -> str:
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def names_in(text: str) -> set[str]:
    """Return the ``{names}`` in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def stored(name: str) -> Catalog:
    """Read a catalogue as it is."""
    path = FOLDER / f"{name}.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=name) if path.exists() else Catalog(locale=name)


def update(name: str) -> None:
    """Bring one catalogue up to date."""
    template = Catalog()
    for each in found():
        template.add(each.text, locations=[(each.place, each.line)])
    catalogue = stored(name)
    catalogue.update(template)
    catalogue.obsolete.clear()
    catalogue.fuzzy, catalogue.header_comment = False, f"# What Countersign says: {name}. See docs/glossary.md."
    if name == ENGLISH.name:
        for message in catalogue:
            if message.id:
                message.string, message.flags = message.id, message.flags - {"fuzzy"}
    written = io.BytesIO()
    write_po(written, catalogue, include_lineno=False, width=110)
    (FOLDER / f"{name}.po").write_text(VARYING.sub("", written.getvalue().decode()), "utf-8")


if __name__ == "__main__":
    for each_name in languages():
        update(each_name)
