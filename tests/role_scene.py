"""The scene of the role table: a small city, one person per role, and a report in every state that matters."""

import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.test import Client

from meydan.accounts.actions.clients import find_or_register
from meydan.accounts.actions.oauth import answer_device
from meydan.accounts.public import (
    CONSOLE,
    DEMO_PASSWORD,
    Person,
    actor_for,
    find_active_person,
    grant_role,
    open_account,
    open_demo_accounts,
    publish_charter,
)
from meydan.articles.actions import add_picture
from meydan.articles.tests.cast import make_draft, make_public
from meydan.club.queries.badges import own_awards
from meydan.club.tests.cast import contribute, make_badge
from meydan.events.actions import draft_event
from meydan.events.tests.cast import first_date, make_event, plan
from meydan.identity.actions.parties import make_counter_link, set_clerk
from meydan.identity.actions.wishes import ask_deletion
from meydan.identity.models import Wallet
from meydan.identity.queries.pushing import CONNECT, keep_request
from meydan.identity.tests.holders import ask_at, make_identity, make_party, make_wallet
from meydan.identity.tests.letting import AskingWallet
from meydan.identity.tests.relying import Program, allow_party, make_bank
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.files import store_image
from meydan.kernel.tests.pictures import make_picture
from meydan.kernel.tests.sealing import seal_a_day
from meydan.messaging.actions.tokens import open_session
from meydan.moderation.actions import flag_page
from meydan.moderation.public import find_review
from meydan.notifications.actions import add_watch, post_letter
from meydan.reports.actions import (
    Incoming,
    accept_report,
    ask_reporter,
    change_many,
    check_photo,
    close_as_solved,
    forward_report,
    issue_api_key,
    mark_photo,
    set_reply,
    set_team,
    take_letter,
)
from meydan.reports.models import BulkVerb, Follower, Forward, Photo, RoutingRule
from meydan.reports.queries import token_of
from meydan.reports.tests.cast import make_city, make_report
from meydan.store.models import Kind
from meydan.store.tests.cast import draft as draft_app_of
from meydan.store.tests.cast import publish as publish_app_of
from meydan.webhooks.actions import add_hook
from tests.role_table import ROLES


@dataclass(frozen=True)
class Scene:
    """One signed-in browser per role, and what the table's paths name in braces."""

    clients: dict[str, Client]
    examples: dict[str, Any]


def set_scene() -> Scene:
    """Set through the real actions; call it in a transaction."""
    make_city()
    publish_charter(SYSTEM, version="1", text={"en": "# Be kind"})
    people = _set_cast()
    return Scene(
        clients={role: _sign_in(people.get(role)) for role in ROLES},
        examples=_set_reports(_actor(people["reporter"]), _actor(people["officer"]))
        | _let_in(people["reporter"])
        | _honour(_actor(people["reporter"]), _actor(people["officer"]))
        | _identify(_actor(people["reporter"]), _actor(people["officer"]))
        | _set_apps(_actor(people["developer"]))
        | _set_press(_actor(people["reporter"]), _actor(people["moderator"]))
        | _set_forward(_actor(people["reporter"]), _actor(people["officer"]))  # last: the others' jobs would carry it
        | {"person": people["moderator"].pk, "told": _tell()},
    )


def _tell() -> str:
    """Somebody has said what is wrong with a page; the secret end of the answer's address."""
    return flag_page(VISITOR, path="/search", words="It finds nothing").token


def _let_in(person: Person) -> dict[str, Any]:
    """A device of the reporter's, and a program that asks to be let in."""
    session = open_session(person.pk, f"@{person.username}:localhost", device_id="PHONE")
    back = "https://app.example/back"
    client = find_or_register(VISITOR, site=back, redirects=[back], native=False, names={"": "App"})
    query = {
        "client_id": client.pk,
        "redirect_uri": back,
        "response_type": "code",
        "scope": "urn:matrix:client:api:* urn:matrix:client:device:APP",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    _status, _headers, said = answer_device(urlencode({"client_id": client.pk, "scope": query["scope"]}))
    shown = json.loads(said)["user_code"]
    return {"device": session.device_id, "asked_in": urlencode(query), "user_code": shown}


def _honour(reporter: Actor, officer: Actor) -> dict[str, Any]:
    """A badge, and a repair of the reporter's that counts for it."""
    make_badge("mender")
    contribute(reporter, officer)
    return {"badge": "mender", "award": own_awards(reporter).get().pk}


def _identify(reporter: Actor, officer: Actor) -> dict[str, Any]:
    """The reporter's ID in a wallet, and a counter where the officer asks for it."""
    make_identity(reporter)
    make_wallet(reporter)
    party = make_party()
    secret = make_counter_link(SYSTEM, party.code)
    set_clerk(CONSOLE, party.code, username="officer", may=True)
    asked = ask_at(party, officer).row.pk
    _bank, _secret = make_bank()
    wants = urlencode(Program().wants())
    kept = urlencode({"client_id": "bank", "request_uri": keep_request(wants, door=CONNECT)})
    signing: dict[str, Any] = {"sign_in_party": allow_party(reporter, "library"), "sign_in": wants, "signing_in": kept}
    signing["wish"] = ask_deletion(reporter, "library").pk
    set_clerk(CONSOLE, "library", username="officer", may=True)
    signing["letting_in"] = AskingWallet().ask().partition("?")[2]
    Authenticator.objects.all().delete()  # by which the reporter has just proven who they are
    return {"wallet": Wallet.objects.get().pk, "party": party.code, "counter": secret, "ask": asked, **signing}


def _set_apps(developer: Actor) -> dict[str, Any]:
    """The developer's entries: a public one, a draft, and one for a phone."""
    app = publish_app_of(developer)
    draft_app = draft_app_of(developer, "Draft Bus")
    phone = draft_app_of(developer, "Phone Bus", kind=Kind.ANDROID, address="")
    return {"app": app.slug, "draft_app": draft_app.slug, "phone_app": phone.slug, "picture": app.icon_id}


def _review_of(about: str) -> int:
    """The number of the newest review of a thing."""
    review = find_review(about)
    assert review is not None
    return review.key


def _set_press(author: Actor, moderator: Actor) -> dict[str, Any]:
    """The reporter's articles and events: a public one and a draft of each."""
    article = make_public(author, moderator)
    picture = add_picture(author, article.pk, source=io.BytesIO(make_picture()), alt="A reading room")
    event = make_event(author, moderator, registers=True)
    return {
        "article": article.slug,
        "review": _review_of(article.reference),
        "article_picture": picture.pk,
        "article_draft": make_draft(author, title="A draft").slug,
        "event": event.pk,
        "event_date": first_date(event).pk,
        "event_draft": draft_event(author, plan=plan(), language="en").pk,
    }


def _set_cast() -> dict[str, Person]:
    """The demo's people, the officer in "roads"; a second officer elsewhere; `reporter` sent the reports."""
    people = open_demo_accounts(officer_department="roads")
    other = open_account(
        SYSTEM, username="other", name="Other", email="other@demo.example", password=DEMO_PASSWORD, language="en"
    )
    grant_role(SYSTEM, other.pk, role=Role.OFFICER, department="light")
    return {**people, "other": other, "reporter": people["citizen"], "user": people["neighbour"]}


def _sign_in(person: Person | None) -> Client:
    """A browser after the sign-in form; without a person a fresh one."""
    client = Client()
    if person is not None:
        answer = client.post("/accounts/login/", {"login": person.username, "password": DEMO_PASSWORD})
        assert answer.status_code == 302, f"{person.username} cannot sign in"
    return client


def _actor(person: Person) -> Actor:
    return actor_for(find_active_person(person.pk))


def _set_reports(reporter: Actor, officer: Actor) -> dict[str, Any]:
    sha256 = store_image(io.BytesIO(make_picture()), purpose="report_photo").sha256
    public = make_report(reporter, photos=[sha256]).number
    private = make_report(reporter, category="abuse", photos=[sha256]).number
    asked = make_report(reporter, photos=[sha256]).number
    ask_reporter(officer, asked, text="Where?")
    solved = make_report(reporter).number
    close_as_solved(officer, solved, text="Done")
    neighbour = Person.objects.get(username="neighbour")
    Follower.objects.create(report_id=solved, person=neighbour, me_too=True, follows=True, at=now())
    set_team(SYSTEM, code="night", name={"en": "Night"}, department="roads")
    set_reply(SYSTEM, code="soon", verb="accept", title={"en": "Soon"}, text={"en": "We come soon."})
    called = make_report(VISITOR, contact_phone="0612345678").number
    accept_report(officer, called)
    noted = change_many(officer, numbers=[asked], verb=BulkVerb.NOTE, said={"text": "Bring a ladder"})
    photos = {report: _mark_photo(report) for report in (public, private, asked)}
    check_photo(officer, photos[public])
    issue_api_key(SYSTEM, name="demo", key="demo")
    letter = post_letter(SYSTEM, sender="city@demo.example", to="a@demo.example", subject="Hello", body="You")
    return {
        **_set_outside(reporter),
        "public": public,
        "private": private,
        "asked": asked,
        "solved": solved,
        "team": "night",
        "reply": "soon",
        "called": called,
        "change": noted.pk,
        "rule": RoutingRule.objects.get().pk,
        "photo": photos[public],
        "marked_photo": photos[asked],
        "hidden_photo": photos[private],
        "draft": token_of(sha256),
        "letter": letter.pk,
        "nobody": uuid4(),
        "sealed": seal_a_day().day.isoformat(),
    }


def _set_forward(reporter: Actor, officer: Actor) -> dict[str, Any]:
    """A case on its way to another authority."""
    forwarded = make_report(reporter, category="abuse").number
    forward_report(officer, forwarded, authority="waterworks")
    return {"forwarded": forwarded, "forward": Forward.objects.get().pk}


def _set_outside(reporter: Actor) -> dict[str, Any]:
    """What crosses the city's border: a letter that became a report, one that was refused, a webhook, an area."""
    taken = take_letter(Incoming("<1@a.example>", "a@a.example", "Hello", "Zzyzx"))
    refused = take_letter(Incoming("<2@a.example>", "a@a.example"))
    hook, _secret = add_hook(SYSTEM, name="Map", url="https://map.example/", kinds=["report.filed"])
    return {
        "letter_report": taken and taken.report_id,
        "refused": refused and refused.pk,
        "hook": hook.pk,
        "watch": add_watch(reporter, district="anfa", daily=True).pk,
    }


def _mark_photo(number: int) -> int:
    """What the worker does with a report's photo."""
    photo = Photo.objects.get(report=number)
    mark_photo(SYSTEM, photo.pk, areas=[(0.1, 0.1, 0.2, 0.2)])
    return photo.pk
