"""The JSON doors, tried by schemathesis from their own description: requests that fit it and requests that do not."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from meydan.kernel import limits
from meydan.kernel.config import config
from meydan.reports.tests.cast import make_city
from meydan.site.api import description
from tests.fuzz.judge import INSIDES

pytestmark = pytest.mark.django_db

CONFIG = schemathesis.Config()
CONFIG.projects.default.generation.update(modes=[GenerationMode.NEGATIVE, GenerationMode.POSITIVE])
SCHEMA = schemathesis.openapi.from_dict(description(), config=CONFIG)
SCHEMA.app = WSGIHandler()
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture(autouse=True)
def _scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    free = config().model_copy(update={"rate_limits": False})
    monkeypatch.setattr(limits, "config", lambda: free)
    make_city()
    for moment in (request_started, request_finished):  # it would close the test's own connection
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


FUZZ = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def try_door(case: Case[Any]) -> None:
    response = case.call()
    case.validate_response(response, checks=CHECKS)
    assert not INSIDES.search(response.content)
    if response.status_code >= 400:
        assert len(response.json()["detail"]) > 12


@SCHEMA.parametrize()
@settings(FUZZ, max_examples=100)
def test_json_doors(case: Case[Any]) -> None:
    try_door(case)


@pytest.mark.long
@SCHEMA.parametrize()
@settings(FUZZ, max_examples=500)
def test_json_doors_five_hundred_times(case: Case[Any]) -> None:
    try_door(case)
