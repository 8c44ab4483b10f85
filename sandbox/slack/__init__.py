"""A local Slack, strict and stateful, that a bot cannot tell from the real one by its API."""

from sandbox.slack.deliveries import Delivery, DeliveryKind
from sandbox.slack.faults import FaultKind
from sandbox.slack.messages import File, Message, Version
from sandbox.slack.modals import View
from sandbox.slack.server import SlackSandbox

__all__ = ["Delivery", "DeliveryKind", "FaultKind", "File", "Message", "SlackSandbox", "Version", "View"]
