"""Refusals become answers, bodies are bounded."""

import json

import pytest
from django.test import Client, RequestFactory

from meydan.kernel.errors import Invalid, SignInFirst, TooMany
from meydan.site.guard import MAX_BODY_BYTES, answer_refusal


def test_a_body_that_says_it_is_too_large_is_not_read(client: Client) -> None:
    response = client.generic("POST", "/language", b"", CONTENT_LENGTH=str(MAX_BODY_BYTES + 1))
    assert response.status_code == 413
    assert "too large" in response.content.decode()
    assert response["Connection"] == "close"


@pytest.mark.parametrize(("path", "accept"), [("/api/x", ""), ("/x", "application/json")])
def test_a_program_is_answered_with_a_problem(rf: RequestFactory, path: str, accept: str) -> None:
    request = rf.get(path, headers={"Accept": accept})
    request.resolver_match = None
    response = answer_refusal(request, Invalid(fields={"lat": "Give a number."}))
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert (body["status"], body["code"], body["fields"]) == (422, "invalid", {"lat": "Give a number."})


def test_who_must_sign_in_is_sent_there_and_back(rf: RequestFactory) -> None:
    request = rf.get("/me?tab=2")
    request.resolver_match = None
    response = answer_refusal(request, SignInFirst())
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/me%3Ftab%3D2"


def test_a_rate_limit_says_when_to_come_back(rf: RequestFactory) -> None:
    request = rf.get("/api/x")
    request.resolver_match = None
    assert answer_refusal(request, TooMany(retry_after=9))["Retry-After"] == "9"


@pytest.mark.parametrize(("length", "status"), [("many", 400), ("-5", 400), ("٣", 400), ("9" * 5000, 413)])
def test_a_length_that_is_none_is_refused(client: Client, length: str, status: int) -> None:
    response = client.generic("POST", "/language", b"", CONTENT_LENGTH=length)
    assert response.status_code == status
    assert "<main" in response.content.decode()


@pytest.mark.parametrize(("path", "kind"), [("/language", "text/html"), ("/api/reports", "application/problem+json")])
def test_a_wrong_method_is_refused_with_words(client: Client, path: str, kind: str) -> None:
    response = client.delete(path)
    assert response.status_code == 405
    assert response["Allow"]
    assert response["Content-Type"].startswith(kind)
    assert "cannot be used in this way" in response.content.decode()


@pytest.mark.django_db
def test_a_program_that_asks_for_what_is_not_there_gets_a_problem(client: Client) -> None:
    response = client.get("/api/reports/-1")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert "main" in client.get("/no-such-page").content.decode()
