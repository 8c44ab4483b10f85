"""Logs: one line of JSON per event on standard error, an event name and fields, never a secret."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Send our events and the libraries' warnings through one formatter."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Without local variables: those of the libraries hold tokens and signed requests.
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Bolt logs the body of a request with a bad signature at INFO, and the SDKs chat.
    for name in ("slack_bolt", "slack_sdk", "httpx", "httpcore", "aliyunsdkcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("slack_bolt").addFilter(_not_misleading)


def _not_misleading(record: logging.LogRecord) -> bool:
    # At every start Bolt warns that SLACK_BOT_TOKEN is ignored; it is given to Bolt in another way.
    return "`token`" not in record.getMessage()
