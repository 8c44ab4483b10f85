"""``python -m tests.torture.piecemeal COMMAND``: the bot, which writes fewer rows of a plan at once."""

import os

from deletion.collection import stage

ROWS = "TORTURE_ROWS"
"""The variable that says how many."""

if __name__ == "__main__":
    stage.WRITTEN_AT_ONCE = int(os.environ[ROWS])
    from bot.__main__ import main

    main()
