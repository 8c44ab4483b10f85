"""What the rules name as reason to stop: the first item that ends in such a word stops the rest."""

from collections.abc import Iterable

from deletion.execution import stopping
from deletion.jobs.config import Config
from deletion.terms.outcomes import Outcome
from storage import Tx
from storage.tables.proposals import ProposalRow


def are_in(config: Config, words: Iterable[Outcome]) -> bool:
    """Say whether one of these final words is a reason to stop."""
    return not config.policy.stop_on.isdisjoint(words)


def stopped(tx: Tx, config: Config, row: ProposalRow, words: Iterable[Outcome]) -> bool:
    """Stop a locked proposal if one of these final words is a reason to; say whether it was."""
    found = sorted(config.policy.stop_on.intersection(words))
    if found and row.halted is None:
        stopping.halt(tx, config, row, because=f"an item ended as: {found[0]}")
    return bool(found)
