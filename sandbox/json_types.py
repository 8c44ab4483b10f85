"""The one type that both simulated services read and write: a JSON object."""

from typing import Any

Json = dict[str, Any]
