"""Pages that help when something went wrong, in the reader's language; from 500 on without the database."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import translation

from meydan.kernel.errors import Invalid, TooMany
from meydan.site import urls
from meydan.site.errors import HELP, error_page, refusal_page, stale_form
from meydan.site.urls import handler400, handler403, handler404, handler500

LANGUAGES = ("ar", "fr", "en", "fa", "tg")
FAILURES = {400: SuspiciousOperation("x"), 403: PermissionDenied(), 404: Http404(), 500: RuntimeError("secret")}


def fail(request: HttpRequest, status: int) -> HttpResponse:
    raise FAILURES[status]


urlpatterns = [path("fail/<int:status>", fail), path("", include(urls.urlpatterns))]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]  # Django reads them from here


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", FAILURES)
def test_what_django_refuses_is_explained(status: int, language: str) -> None:
    """No database mark: none of these pages may ask it."""
    client = Client(raise_request_exception=False)
    answer = client.get(f"/fail/{status}", headers={"Accept-Language": language})
    assert answer.status_code == status
    with translation.override(language):
        assert str(HELP[status].title) in answer.text
    assert f'lang="{language}"' in answer.text
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", [*HELP, 418, 502])
def test_every_status_has_a_page(status: int) -> None:
    with translation.override("en"):
        page = error_page(RequestFactory().get("/x"), status, "It was so.")
    assert page.status_code == status
    assert b"It was so." in page.content


def test_a_limit_says_when_to_come_back() -> None:
    with translation.override("en"):
        page = refusal_page(RequestFactory().get("/x"), TooMany(retry_after=90))
    assert page["Retry-After"] == "90"
    assert b"You can try again in 2 minutes." in page.content


def test_faults_of_fields_are_named() -> None:
    with translation.override("en"):
        page = refusal_page(RequestFactory().post("/x"), Invalid(fields={"words": "Fill this in."}))
    assert b"Fill this in." in page.content
    assert b"Try again" not in page.content  # a form is not sent again by a link


def test_an_expired_form_says_that_nothing_was_sent() -> None:
    with translation.override("en"):
        page = stale_form(RequestFactory().post("/x"))
    assert page.status_code == 403
    assert b"nothing was sent" in page.content
