"""Keeps signed addresses out of the logs: the Alibaba SDK writes them there by itself."""

import logging

SDK_ROOT = "aliyunsdkcore"
SDK_WIRE = "aliyunsdkcore.http.http_response"
NOTHING = logging.CRITICAL + 1


def silence_sdk() -> None:
    """Stop every record of the SDK, whatever the level of the root logger and whatever `DEBUG=sdk` asks for.

    On import the SDK puts a handler that prints to standard error on one of its loggers; it logs each failed
    call at ERROR, and each call's parameters at DEBUG. What matters of that is in our own errors.
    """
    root = logging.getLogger(SDK_ROOT)
    root.propagate = False
    root.handlers[:] = [logging.NullHandler()]
    root.setLevel(NOTHING)
    wire = logging.getLogger(SDK_WIRE)
    wire.handlers.clear()
    wire.setLevel(NOTHING)
