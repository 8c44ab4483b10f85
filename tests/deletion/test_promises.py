"""The promises under everything that can happen; ``make torture`` drives the same machine for much longer."""

from hypothesis import HealthCheck, settings

from tests.deletion.promises_machine import Promises

Promises.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestPromises = Promises.TestCase
