"""Slack's Web API client with one end for every call, in time and in bytes, and one set of trusted certificates."""

from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.errors import SlackRequestError

from vod.sdk import bounded

LARGEST_ANSWER = 16 * 2**20
"""Bytes of an answer; a page of 200 messages of the greatest length, with metadata, is about 6 MB."""


class BoundedClient(WebClient):
    """A client of which each call, connecting and answer included, takes no longer than its time-out.

    The SDK's own time-out begins anew with every byte, and it reads whatever comes. slack_sdk 3.48.0 has no public
    way to change that; both methods that send are replaced here.
    """

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        """Send one request; return its status, headers and text. Raises as urllib does."""
        if not url.lower().startswith(("https://", "http://")):
            raise SlackRequestError("Invalid URL detected")
        with bounded.limited(total_s=self.timeout, largest=LARGEST_ANSWER):
            answer = bounded.opener(self.ssl, proxy=self.proxy).open(req, timeout=self.timeout)
            with answer:
                charset = answer.headers.get_content_charset() or "utf-8"
                return {"status": answer.status, "headers": answer.headers, "body": answer.read().decode(charset)}
