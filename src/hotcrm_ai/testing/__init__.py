"""Fakes of the ports, shipped for authors of plug-ins: a clock to turn, a scripted provider, a catalogue and a log in memory."""

from hotcrm_ai.testing.catalogue import FakeCatalogue
from hotcrm_ai.testing.clock import FakeClock
from hotcrm_ai.testing.fault_proxy import FAULTS, FaultProxy
from hotcrm_ai.testing.model_server import Heard, ModelServer, Said
from hotcrm_ai.testing.prediction_log import FakePredictionLog
from hotcrm_ai.testing.provider import Attempt, FakeProvider, FakeProviders
from hotcrm_ai.testing.provider_conformance import check_provider

__all__ = [
    "FAULTS",
    "Attempt",
    "FakeCatalogue",
    "FakeClock",
    "FakePredictionLog",
    "FakeProvider",
    "FakeProviders",
    "FaultProxy",
    "Heard",
    "ModelServer",
    "Said",
    "check_provider",
]
