"""Messages put into words and sent to Slack, each in the language of its readers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from deletion import releases, views
from deletion.audit import events, notices
from deletion.audit.messages.audience import FileStands
from deletion.audit.messages.delivery import Claim, Outbox, OutgoingMessage, Posted
from deletion.audit.messages.places import MessageKind
from deletion.plan.cache import PlanCache
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.cards import anchor_card, audit_card, proposal_card, reading_card, was_it_you
from handlers.cards.parts import buttons, questions
from handlers.cards.parts.fitting import fitted
from handlers.commands.files import told as list_answers
from handlers.outbox.lists import Lists
from handlers.outbox.naming import Name, unpinged
from handlers.outbox.places import Places
from handlers.outbox.reconcile import metadata
from handlers.slack.api.failures import CARD_GONE, NOT_UPDATABLE, Failure, NotYetError, trouble
from handlers.text.blocks import Message
from handlers.text.language import Language
from handlers.text.told import asking, audit_lines, channel, direct, operators, private, thread

log = structlog.get_logger()

Facts: TypeAlias = Mapping[str, object]
"""What a message says to programs, in its metadata."""


@dataclass(frozen=True)
class Wording:
    """How messages are worded: ``channels`` is the language of the channels, ``reader`` that of a Slack user.

    ``name`` is what a Slack user is called. ``workspace_url`` is the workspace's address, as
    ``https://example.slack.com/``, or '' when Slack did not tell it. ``typed_from`` and
    ``approvers``: see Policy.
    """

    channels: Language
    reader: Callable[[str], Language]
    name: Name
    workspace_url: str
    typed_from: int | None = None
    approvers: frozenset[str] = frozenset()


class Sender:
    """Sends one message at a time; what Slack answers to it is raised as it is."""

    def __init__(
        self,
        outbox: Outbox,
        client: WebClient,
        places: Places,
        wording: Wording,
        *,
        lists: Lists,
        may_post_head: Callable[[], bool],
    ) -> None:
        self._may_post_head = may_post_head
        self._lists = lists
        self._outbox = outbox
        self._client = client
        self._places = places
        self._wording = wording
        self._plans = PlanCache()

    def send(self, message: OutgoingMessage, is_ours: Callable[[], bool] = lambda: True) -> Posted:
        """Send a message; NotYetError when it has to wait for another.

        ``is_ours`` is asked while a file is made and sent; LaneLostError when it says no.
        """
        match message.kind:
            case MessageKind.CARD:
                return self._card(message)
            case MessageKind.MANIFEST | MessageKind.OUTCOMES | MessageKind.PROBLEMS:
                return self._file(message, is_ours)
            case MessageKind.THREAD:
                return self._reply(message)
            case MessageKind.CHANNEL:
                return self._channel_post(message)
            case MessageKind.DIRECT | MessageKind.DEEDS | MessageKind.READING:
                return self._direct(message)
            case MessageKind.PRIVATE:
                return self._private(message)
            case MessageKind.AUDIT_CARD:
                return self._audit_card(message)
            case MessageKind.AUDIT_THREAD:
                return self._audit_reply(message)
            case MessageKind.AUDIT_POST | MessageKind.AUDIT_HEAD | MessageKind.AUDIT:
                return self._audit_post(message)

    def say_that_something_was_not_shown(self, claim: Claim) -> None:
        """Say at least that there was something to say, where everybody waits for it: it may be unreadable."""
        if claim.number is not None and claim.kind in {MessageKind.CARD, MessageKind.THREAD}:
            text = thread.not_shown(self._wording.channels, claim.number)
            self._client.chat_postMessage(
                channel=self._places.channel_of(claim.place), text=text, metadata=metadata(claim)
            )

    def _view(self, message: OutgoingMessage) -> ProposalView:
        view = self._view_if_any(message)
        if view is None:
            raise LookupError("a message about a proposal that is not there")
        return view

    def _view_if_any(self, message: OutgoingMessage, also: Sequence[str] = ()) -> ProposalView | None:
        """Return the proposal that a message is about: none, where somebody named one that does not exist.

        ``also`` are targets that the message names.
        """
        number = message.number
        view = self._outbox.look(lambda tx: views.proposal(tx, number, self._plans, also=also)) if number else None
        rules = self._wording
        return replace(view, typed_from=rules.typed_from, approvers=rules.approvers) if view else None

    def _card(self, message: OutgoingMessage) -> Posted:
        view = self._view(message)
        lang, place = self._wording.channels, self._outbox.card(view.row.id)

        def full(earlier: Posted | None, view: ProposalView = view) -> Message:
            home = self._wording.workspace_url
            return self._for_channel(proposal_card.card(lang, view, earlier=self._link(earlier), home=home))

        # For programs that read along, whatever language the card is in.
        facts = {"state": view.state, "frozen": view.is_frozen, "outcomes": dict(view.tally)}
        whole = full(_earlier(view))
        try:
            return _stoppable(
                view, whole, self._show(message, whole, place, facts, anew=lambda: full(place, _without_file(view)))
            )
        except SlackApiError as exc:
            if not _is_not_taken(exc):
                raise
        # First: nobody is to vote on a card that does not show what it is about, before the list does.
        self._outbox.owe_list(view.row.id)
        short = self._for_channel(proposal_card.short(lang, view))
        return _stoppable(view, short, self._show(message, short, place))

    def _file(self, message: OutgoingMessage, is_ours: Callable[[], bool]) -> Posted:
        if message.kind is MessageKind.PROBLEMS:
            return self._lists.post_problems(message, self._wording.reader, is_ours)
        return self._lists.post(message, self._outbox.card(message.number or 0), is_ours)

    def _reply(self, message: OutgoingMessage) -> Posted:
        view, told, lang = self._view(message), message.told, self._wording.channels
        if isinstance(told, questions.Told):
            shown = self._for_channel(questions.message(lang, told, view))
        elif isinstance(told, thread.ThreadTold):
            shown = self._for_channel(thread.message(lang, told, view, self._wording.workspace_url))
        else:
            raise _wordless(message)
        card = self._outbox.card(view.row.id)
        return self._post(message, shown, *self._under(message, card))

    def _channel_post(self, message: OutgoingMessage) -> Posted:
        if isinstance(message.told, notices.ApprovalAsked):
            return self._ask(message, message.told)
        if isinstance(message.told, operators.OperatorTold):
            told_to = self._places.channel_of(message.place)
            return self._post(
                message, self._for_channel(self._for_operators(self._wording.channels, message.told)), told_to
            )
        if not isinstance(message.told, channel.ChannelTold | events.AnchorLost):
            raise _wordless(message)
        shown = self._for_channel(self._told_to_channel(message.told))
        return self._post(message, shown, self._places.channel_of(message.place))

    def _ask(self, message: OutgoingMessage, told: notices.ApprovalAsked) -> Posted:
        """Mention who is to decide; nobody, once it is decided. In the thread its replies would ping them too."""
        view, place = self._view(message), self._places.channel_of(message.place)
        if view.state is not State.PENDING:
            return Posted(place, "")
        shown = asking.asked(self._wording.channels, told, view, self._wording.workspace_url)
        return self._post(message, unpinged(shown, self._wording.name, but=frozenset(told.of)), place)

    def _for_operators(self, lang: Language, told: operators.OperatorTold) -> Message:
        approvals, audit = (f"<#{each}>" for each in (self._places.approvals, self._places.audit))
        return operators.message(lang, told, approvals=approvals, audit=audit)

    def _told_to_channel(self, told: channel.ChannelTold | events.AnchorLost) -> Message:
        lang = self._wording.channels
        release, home = self._outbox.look(lambda tx: releases.of(tx, told)), self._wording.workspace_url
        if isinstance(told, events.AnchorLost):
            return anchor_card.card(lang, told, release, home)
        return channel.message(lang, told, release, home)

    def _direct(self, message: OutgoingMessage) -> Posted:
        if message.kind is MessageKind.READING:
            return self._reading(message)
        if message.kind is MessageKind.DEEDS:
            return self._deeds(message)
        told, to = message.told, message.reply_to
        if to is not None and isinstance(told, notices.ApprovalReminded):
            return self._remind(message, told, to.user)
        if to is not None and isinstance(told, operators.OperatorTold):
            return self._post(message, self._for_operators(self._wording.reader(to.user), told), to.user)
        if to is not None and isinstance(told, questions.Told):
            asked = questions.direct(
                self._wording.reader(to.user), told, self._view(message), self._wording.workspace_url
            )
            return self._post(message, asked, to.user)
        if to is None or not isinstance(told, direct.DirectTold | events.ProposalApproved):
            raise _wordless(message)
        lang, view = self._wording.reader(to.user), self._view_if_any(message)
        if isinstance(told, events.ProposalApproved):
            shown = was_it_you.message(lang, [self._view(message)], to.user, self._wording.workspace_url)
            return self._post(message, shown, to.user)
        shown = direct.message(lang, told, view, approvals=self._places.approvals)
        return self._post(message, shown, to.user)

    def _remind(self, message: OutgoingMessage, told: notices.ApprovalReminded, reader: str) -> Posted:
        """Remind somebody of what they can still decide, if there is any left."""
        waiting = [each for each in self._views(told.of) if each.waits_for(reader)]
        if not waiting:
            return Posted(reader, "")
        shown = asking.reminded(self._wording.reader(reader), waiting, self._wording.workspace_url)
        return self._post(message, shown, reader)

    def _deeds(self, message: OutgoingMessage) -> Posted:
        """Tell somebody what was approved under their name; the first of a working day makes a sound."""
        to, view = message.reply_to, self._view(message)
        if to is None:
            raise _wordless(message)
        place, earlier = self._outbox.deeds(message)
        others = self._views(each for each in earlier if each != view.row.id)
        lang, home = self._wording.reader(to.user), self._wording.workspace_url
        if place is not None:
            try:
                self._update(message, fitted(was_it_you.message(lang, [*others, view], to.user, home)), place, None)
            except SlackApiError as exc:
                if trouble(exc).code not in NOT_UPDATABLE:
                    raise
            else:
                return place
        return self._post(message, was_it_you.message(lang, [view], to.user, home), to.user)

    def _views(self, numbers: Iterable[int]) -> list[ProposalView]:
        found = (self._outbox.look(lambda tx, each=each: views.proposal(tx, each, self._plans)) for each in numbers)  # type: ignore[misc] # mypy cannot infer a lambda's default
        return [each for each in found if each is not None]

    def _reading(self, message: OutgoingMessage) -> Posted:
        """Show a proposer how far the reading is; what is over before it was ever shown is told elsewhere."""
        view, to = self._view(message), message.reply_to
        if to is None:
            raise _wordless(message)
        place = self._outbox.reading(view.row.id)
        if place is None and view.state is not State.COLLECTING:
            return Posted(to.user, "")
        around = private.Around(f"<#{self._places.approvals}>", self._wording.workspace_url)
        shown = reading_card.card(self._wording.reader(to.user), view, around)
        if place is None:
            return self._post(message, shown, to.user)
        try:
            self._update(message, fitted(shown), place, None)
        except SlackApiError as exc:
            if trouble(exc).code not in NOT_UPDATABLE:
                raise
            # Not posted anew: nobody is to be pinged twice, and how it ends is told by a message of its own.
            log.warning("message.not_updated", kind=message.kind, proposal=message.number)
        return place

    def _private(self, message: OutgoingMessage) -> Posted:
        """Answer one person where they acted; by direct message where Slack does not let us."""
        told, to = message.told, message.reply_to
        if to is None:
            raise _wordless(message)
        lang = self._wording.reader(to.user)
        if isinstance(told, list_answers.ListTold):
            shown = list_answers.message(lang, told, approvals=f"<#{self._places.approvals}>")
        elif isinstance(told, private.PrivateTold):
            around = private.Around(f"<#{self._places.approvals}>", self._wording.workspace_url)
            shown = private.message(lang, told, self._view_if_any(message), around)
        else:
            raise _wordless(message)
        if not to.channel:
            return self._post(message, shown, to.user)
        try:
            self._client.chat_postEphemeral(
                channel=to.channel, user=to.user, text=shown.text, blocks=list(fitted(shown).blocks)
            )
        except SlackApiError as exc:
            if exc.response.get("error") not in {"user_not_in_channel", "channel_not_found", "not_in_channel"}:
                raise
            return self._post(message, shown, to.user)
        return Posted(to.channel, "")

    def _audit_card(self, message: OutgoingMessage) -> Posted:
        view, lang = self._view(message), self._wording.channels
        number = view.row.id
        link = self._link(self._outbox.card(number))
        full = audit_card.audit_card(lang, view, link=link, home=self._wording.workspace_url)
        bare = audit_card.bare(lang, view)
        place = self._outbox.audit_card(number)
        return self._whole_or_bare(full, bare, lambda shown: self._show(message, shown, place))

    def _audit_reply(self, message: OutgoingMessage) -> Posted:
        """Post events under their proposal; at the top level where somebody deleted what they belong under."""
        card = self._outbox.audit_card(message.number or 0)
        channel_, ts = self._under(message, card)
        try:
            return self._post_lines(message, channel_, ts)
        except SlackApiError as exc:
            code = trouble(exc).code
            if ts is None or not (code in CARD_GONE or self._places.is_lost(card, message.place, code)):
                raise
        # First: once something was posted nothing may fail that would have it posted again.
        self._outbox.show_in_audit_channel(message.number or 0)
        return self._post_lines(message, self._places.channel_of(message.place), None)

    def _audit_post(self, message: OutgoingMessage) -> Posted:
        if message.head is not None and not self._may_post_head():
            raise NotYetError
        return self._post_lines(message, self._places.channel_of(message.place), None)

    def _post_lines(self, message: OutgoingMessage, channel_: str, ts: str | None) -> Posted:
        """Post events, or which they were where Slack will not take them; a head is never missing."""
        lang, lines, head = self._wording.channels, message.lines, message.head
        if head is not None:
            bare = audit_lines.head(lang, head.seq, head.hash)
            full = audit_lines.stretch(lang, lines, head.seq, head.hash) if lines else bare
        else:
            view = self._view_if_any(message, also=audit_lines.targets_of(lines))
            plan = view.plan if view else None
            full, bare = audit_lines.message(lang, lines, plan), audit_lines.bare(lang, lines)
        return self._whole_or_bare(full, bare, lambda shown: self._post(message, shown, channel_, ts))

    def _whole_or_bare(self, full: Message, bare: Message, send: Callable[[Message], Posted]) -> Posted:
        """Send a message for auditors, who see who it was for certain; a bare one where Slack will not take it."""
        try:
            return send(unpinged(full, self._wording.name, with_ids=True))
        except SlackApiError as exc:
            if not _is_not_taken(exc):
                raise
            return send(bare)

    def _for_channel(self, message: Message, *, but: frozenset[str] = frozenset()) -> Message:
        return unpinged(message, self._wording.name, but=but)

    def _under(self, message: OutgoingMessage, card: Posted | None) -> tuple[str, str | None]:
        """Return where a reply goes: to its card, or to the channel when there is none."""
        return (card.channel, card.ts) if card else (self._places.channel_of(message.place), None)

    def _link(self, card: Posted | None) -> str | None:
        address = self._wording.workspace_url
        if card is None or not address.startswith(("https://", "http://")):
            return None
        return f"{address.rstrip('/')}/archives/{card.channel}/p{card.ts.replace('.', '')}"

    def _show(
        self,
        message: OutgoingMessage,
        shown: Message,
        place: Posted | None,
        facts: Facts | None = None,
        *,
        anew: Callable[[], Message] | None = None,
    ) -> Posted:
        """Show a view anew where it is, or post it.

        Somebody may have deleted it, Slack may take no more updates of it, or its channel may be one of earlier
        settings that is gone: people still have to see. ``anew`` is what is then posted instead.
        """
        if place is not None:
            try:
                self._with_pictures(shown, lambda each: self._update(message, each, place, facts))
            except SlackApiError as exc:
                code = trouble(exc).code
                if not (code in NOT_UPDATABLE or self._places.is_lost(place, message.place, code)):
                    raise
                log.warning("message.posted_anew", kind=message.kind, proposal=message.number, error=code)
            else:
                return place
            shown = anew() if anew else shown
        return self._post(message, shown, self._places.channel_of(message.place), facts=facts)

    def _update(self, message: OutgoingMessage, shown: Message, place: Posted, facts: Facts | None) -> Any:
        return self._client.chat_update(
            channel=place.channel,
            ts=place.ts,
            text=shown.text,
            blocks=list(shown.blocks),
            metadata=metadata(message, facts),
        )

    def _post(
        self,
        message: OutgoingMessage,
        shown: Message,
        channel_: str,
        thread_ts: str | None = None,
        facts: Facts | None = None,
    ) -> Posted:
        answer = self._with_pictures(
            shown,
            lambda each: self._client.chat_postMessage(
                channel=channel_,
                text=each.text,
                blocks=list(each.blocks),
                thread_ts=thread_ts,
                metadata=metadata(message, facts),
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return Posted(str(answer["channel"]), str(answer["ts"]))

    def _with_pictures(self, message: Message, send: Callable[[Message], Any]) -> Any:
        """Send a message; when Slack cannot fetch a picture, send it without: it never depends on one."""
        message = fitted(message)
        bare = message.without_images()
        try:
            return send(message)
        except SlackApiError as exc:
            # Which part of it Slack did not take it may say, or not.
            if exc.response.get("error") != "invalid_blocks" or bare == message:
                raise
            log.warning("message.without_pictures", blocks=len(message.blocks))
            return send(bare)


def _is_not_taken(exc: SlackApiError) -> bool:
    """Say whether Slack will never take a message as it is, but may take a shorter one."""
    found = trouble(exc)
    return found.failure is Failure.BAD_MESSAGE and found.code not in CARD_GONE | NOT_UPDATABLE


def _earlier(view: ProposalView) -> Posted | None:
    row = view.row
    return Posted(row.earlier_channel, row.earlier_ts) if row.earlier_channel and row.earlier_ts else None


def _without_file(view: ProposalView) -> ProposalView:
    """Return a proposal as its card shows it that is posted anew: the file that was under it is to follow."""
    return replace(view, file=FileStands.OWED) if view.file is FileStands.THERE else view


def _stoppable(view: ProposalView, shown: Message, posted: Posted) -> Posted:
    """Add to where a card is the hold that its Stop button is about."""
    return replace(posted, hold_no=view.row.hold_no) if buttons.can_stop(shown) else posted


def _wordless(message: OutgoingMessage) -> TypeError:
    return TypeError(f"no words for {type(message.told).__name__} in a message of the kind: {message.kind}")
