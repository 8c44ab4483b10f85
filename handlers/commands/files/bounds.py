"""How large a file may be, in every measure, and how it is said that one cannot be read. Pure."""

from collections.abc import Callable

from deletion.terms.requests.list_files import BadList, WrongList

LARGEST = 10 * 2**20
"""Bytes of a file: Slack takes no more in a form's file input."""

LARGEST_INSIDE = 96 * 2**20
"""Bytes of a workbook, unpacked."""

MOST_PARTS = 2_000
"""Parts of a workbook."""

MOST_ROWS = 200_000
"""Rows of a file, all sheets together."""

MOST_CELLS = 2_000_000

MOST_NAMES = 100_000
"""As many as one proposal may have at the most, whatever the settings say."""

MOST_PROBLEMS = 2_000
"""Problems that are kept; a file with more is hardly a list."""

ROWS_AT_ONCE = 500
"""Rows that are read between two looks at the time."""

GoOn = Callable[[], None]
"""Called again and again; raises when there is no time left."""


class UnreadableError(Exception):
    """A file cannot be read; ``bad`` says why."""

    def __init__(self, why: WrongList, *names: str, number: int = 0, most: int = 0) -> None:
        super().__init__(why)
        self.bad = BadList(why, names, number, most)


class Meter:
    """Counts what is read of a file, and stops where it is too much or takes too long."""

    def __init__(self, go_on: GoOn) -> None:
        self._go_on = go_on
        self._steps = self._rows = self._cells = 0

    def again(self) -> None:
        """Begin anew: the same rows are read once more."""
        self._rows = self._cells = 0

    def row(self, cells: int) -> None:
        """Count a row, if it has cells; UnreadableError when there are too many of something."""
        self._steps += 1
        self._rows += bool(cells)
        self._cells += cells
        if self._rows > MOST_ROWS:
            raise UnreadableError(WrongList.TOO_MANY_ROWS, most=MOST_ROWS)
        if self._cells > MOST_CELLS:
            raise UnreadableError(WrongList.TOO_MANY_CELLS, most=MOST_CELLS)
        if self._steps % ROWS_AT_ONCE == 0:
            self._go_on()

    def look(self) -> None:
        """Look at the time."""
        self._go_on()
