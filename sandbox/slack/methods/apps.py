"""The Web API's apps methods: asking for an address to connect to in Socket Mode."""

from sandbox.json_types import Json
from sandbox.slack.methods.call import Call
from sandbox.slack.model.sockets import address


def connections_open(call: Call) -> Json:
    """apps.connections.open: a ws:// address, each for one connection."""
    return {"url": address(call.state.url, call.state.sockets.issue())}
