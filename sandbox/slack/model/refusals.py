"""How the sandbox's Slack says no: an error code in Slack's own words, with the problems it found."""

from collections.abc import Sequence

from sandbox.json_types import Json
from sandbox.slack.model.block_kit.grammar import Problem


class RefusedError(Exception):
    """A call that is answered `ok: false`. `code` is Slack's word; `extra` joins the answer."""

    def __init__(self, code: str, problems: Sequence[Problem] = (), **extra: str) -> None:
        super().__init__(code)
        self.code = code
        self.problems = tuple(problems)
        self.extra = extra

    def answer(self) -> Json:
        """The JSON Slack answers with."""
        body: Json = {"ok": False, "error": self.code, **self.extra}
        if self.problems:
            body["errors"] = [str(problem).removeprefix("[ERROR] ") for problem in self.problems]
            body["response_metadata"] = {"messages": [str(problem) for problem in self.problems]}
        return body
