"""Where there are no files to propose from."""

from collections.abc import Callable

from deletion.terms.requests.list_files import BadList, FoundList, ListForm


class NoLists:
    """Holds that nobody asks for one."""

    is_busy = False

    def read(self, form: ListForm, keep: Callable[[], None]) -> FoundList | BadList:
        raise AssertionError(f"nobody gave a file here: {form}, {keep}")
