"""Who may read what is proposed: who may propose, approve or was named a reader, and is a full member right now."""

from deletion.approval.proposal import SlackAction
from deletion.approval.refusing import refuse
from deletion.audit import events
from deletion.jobs.config import Config
from deletion.policy import decisions
from deletion.terms.ids import proposal_ref
from deletion.terms.people import Actor, Directory, LookupFailedError, unfit
from deletion.terms.refusals import Refusal, Rule
from storage import Database


def why_not(config: Config, directory: Directory, action: SlackAction) -> Refusal | None:
    """Say why this person may not read, or None. Asks Slack who they are; who cannot be looked up may not."""
    policy, actor = config.policy, action.actor
    refusal = decisions.may_read(policy, actor)
    if refusal:
        return refusal
    try:
        person = directory.read(actor)
    except LookupFailedError:
        return Refusal(Rule.UNKNOWN_PERSON)
    return unfit(person, home_team=policy.home_team)


def reader_of(config: Config, directory: Directory, user: str) -> Actor | Refusal:
    """Return who may read, of whom only the Slack user id is known, or say why they may not. Asks Slack."""
    home = config.policy.home_team
    try:
        person = directory.read(Actor(home, user))
    except LookupFailedError:
        return Refusal(Rule.UNKNOWN_PERSON)
    # In an Enterprise Grid somebody of another workspace may be a member of this one as well.
    actor = Actor(home, user)
    return unfit(person, home_team=home) or decisions.may_read(config.policy, actor) or actor


def refuse_unless_reader(
    database: Database, config: Config, directory: Directory, action: SlackAction
) -> Refusal | None:
    """Say why this person is shown nothing, and log it; None when they may read."""
    refusal = why_not(config, directory, action)
    if refusal is None:
        return None
    refused = events.ReadingRefused(about=proposal_ref(None), by=action.actor, refusal=refusal)
    return database.write(lambda tx: refuse(tx, refused))
