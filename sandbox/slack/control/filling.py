"""What people do in a modal: fill it in, choose, type into a menu, press a button, submit."""

import json
from dataclasses import replace

from sandbox.json_types import Json
from sandbox.slack.control.acting import UNREADABLE, Stage, deliver, origin_of
from sandbox.slack.control.buttons import button_in
from sandbox.slack.methods.records import file_record
from sandbox.slack.model.block_kit.elements import SUGGESTIONS
from sandbox.slack.model.deliveries import Delivery, DeliveryKind
from sandbox.slack.model.directory import Person
from sandbox.slack.model.modals import View, client_errors, fill
from sandbox.slack.wire import payloads


def press_in_modal(stage: Stage, person: Person, view: View, wanted: str, answers: dict[str, str]) -> Delivery:
    """A press on a button of a modal, by action_id or label; of one without a confirm dialog. LookupError.

    `answers` are what was filled in before, as for `submit`: Slack tells the app of that too.
    """
    return _act_in_modal(stage, person, view, button_in(view, wanted), answers)


def choose_in_modal(stage: Stage, person: Person, view: View, field: str, answers: dict[str, str]) -> Delivery:
    """A choice in a menu of a modal that tells the app at once (`dispatch_action`), others filled in before.

    `answers` are as for `submit`, that of `field` among them. Raises LookupError.
    """
    block = _input(view, field)
    if not block.get("dispatch_action"):
        raise LookupError(f"the field {field!r} tells the app nothing before it is submitted")
    action_id = block["element"]["action_id"]
    state = _values(stage, view, answers)[block["block_id"]][action_id]
    return _act_in_modal(stage, person, view, {**state, "action_id": action_id, "block_id": block["block_id"]}, {})


def _act_in_modal(stage: Stage, person: Person, view: View, action: Json, answers: dict[str, str]) -> Delivery:
    origin, values = origin_of(stage, person), _values(stage, view, answers)
    action = {**action, "action_ts": f"{stage.state.workspace.clock.now().timestamp():.6f}"}
    payload = payloads.view_actions(person, view, values, action, stage.state.tickets.issue_trigger(origin))
    return deliver(stage, Delivery(DeliveryKind.CLICK, origin, view=view), payload)


def suggest(stage: Stage, person: Person, view: View, field: str, typed: str) -> Delivery:
    """Type into a menu of a modal whose options come from the app; they can be chosen from then on.

    Below the least length that the menu asks for (3, unless it says so) nothing is sent. Raises LookupError.
    """
    block, origin = _input(view, field), origin_of(stage, person)
    element, delivery = block["element"], Delivery(DeliveryKind.SUGGEST, origin, view=view)
    if "external" not in element["type"]:
        raise LookupError(f"the options of {field!r} do not come from the app")
    if len(typed) < element.get("min_query_length", 3):
        return delivery
    payload = payloads.block_suggestion(person, view, _values(stage, view, {}), block, typed)
    settled = deliver(stage, delivery, payload)
    return settled if settled.error else _suggested(stage, settled, element["action_id"])


def _input(view: View, field: str) -> Json:
    for block in view.inputs():
        if field in {block["block_id"], block["element"]["action_id"]}:
            return block
    raise LookupError(f"the modal {view.title!r} has no field {field!r}")


def _values(stage: Stage, view: View, answers: dict[str, str]) -> Json:
    """The state of a modal's fields once `answers` were typed. Raises LookupError."""
    modals = stage.state.modals
    fill(view, answers, lambda file_id: _given(stage, file_id), lambda action: modals.offered(view, action))
    typed = modals.typed(view, answers)
    there = {name for block in view.inputs() for name in (block["block_id"], block["element"]["action_id"])}
    kept = {name: text for name, text in typed.items() if name in there}
    return fill(view, kept, lambda file_id: _given(stage, file_id), lambda action: modals.offered(view, action))


def submit(stage: Stage, person: Person, view: View, answers: dict[str, str]) -> Delivery:
    """Fill in and submit a modal. Raises LookupError for a field, or a button to submit, that is not in it."""
    if not view.content.get("submit"):
        raise LookupError(f"the modal {view.title!r} has no button to submit it")
    origin = origin_of(stage, person)
    delivery = Delivery(DeliveryKind.SUBMIT, origin, view=view, modal=view)
    values = _values(stage, view, answers)
    if errors := client_errors(view, values):
        return replace(delivery, field_errors=errors)
    trigger = stage.state.tickets.issue_trigger(origin)
    return deliver(stage, delivery, payloads.view_submission(person, view, values, trigger))


def _given(stage: Stage, file_id: str) -> Json:
    """Give a file to the app, which can see it from now on; its JSON. Raises LookupError."""
    workspace = stage.state.workspace
    file = workspace.store_file(replace(workspace.file(file_id), given=True))
    return file_record(file, stage.state.url)


def _suggested(stage: Stage, delivery: Delivery, action_id: str) -> Delivery:
    """What the app offers for what was typed into a menu."""
    view = delivery.view
    try:
        answer = json.loads(delivery.body)
    except ValueError:
        return replace(delivery, error=UNREADABLE)
    if view is None or [*SUGGESTIONS(answer, "")]:
        return replace(delivery, error=UNREADABLE)
    options = [*answer.get("options", []), *(o for g in answer.get("option_groups", []) for o in g["options"])]
    stage.state.modals.offer(view, action_id, options)
    return replace(delivery, options=tuple(options))
