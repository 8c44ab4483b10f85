"""Memory that threads give back is there for the others."""

import subprocess
import sys

import pytest

from bot.runtime import memory

SCRIPT = """
import sys, threading
from pathlib import Path
from bot.runtime import memory

if sys.argv[1] == "shared":
    memory.share_pools()
both = threading.Barrier(25)

def work():
    kept = [bytearray(3000) for _ in range(100)]
    both.wait()

threads = [threading.Thread(target=work) for _ in range(24)]
for thread in threads:
    thread.start()
# Each pool but the first is at a multiple of 64 MB, most of it not yet in use.
while both.n_waiting < 24:
    pass
starts = [int(line.split("-")[0], 16) for line in Path("/proc/self/maps").read_text().splitlines()]
both.wait()
print(sum(start % 2**26 == 0 for start in starts))
"""


@pytest.mark.parametrize(("how", "most", "least"), [("shared", memory.POOLS, 0), ("apart", 24, memory.POOLS + 1)])
def test_threads_share_a_few_pools(how: str, most: int, least: int) -> None:
    told = subprocess.run([sys.executable, "-c", SCRIPT, how], check=True, capture_output=True, text=True)
    assert least <= int(told.stdout) <= most
