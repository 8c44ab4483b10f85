"""What a migration is made of: statements, each for every engine or one for each.

Placeholders: ``{serial}`` a number the database gives out, ``{big}`` a 64-bit integer, ``{strict}`` the
engine's switch for checked column types. Times are milliseconds since 1970 UTC. Texts named after a JSON value
hold canonical JSON: the text is the record, so that a hash over it stays true.
"""

Statement = str | dict[str, str]
"""One statement for every engine, or one for each by its name; an engine that is not named needs none."""


def statements_for(engine: str, statements: tuple[Statement, ...]) -> list[str]:
    """Return the statements as one engine wants them."""
    return [
        each if isinstance(each, str) else each[engine]
        for each in statements
        if engine in each or isinstance(each, str)
    ]
