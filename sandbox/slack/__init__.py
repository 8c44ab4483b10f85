"""A local Slack, strict and stateful, that a bot cannot tell from the real one by its API."""

from sandbox.slack.control.sandbox import SlackSandbox
from sandbox.slack.model.deliveries import Delivery, DeliveryKind
from sandbox.slack.model.faults import FaultKind
from sandbox.slack.model.messages import File, Message, Version
from sandbox.slack.model.modals import View

__all__ = ["Delivery", "DeliveryKind", "FaultKind", "File", "Message", "SlackSandbox", "Version", "View"]
