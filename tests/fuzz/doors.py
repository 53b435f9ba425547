"""Every address of the site, and how its malformed requests are made. An address that is missing here fails a test."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from meydan.kernel.openapi import walk_urls
from tests.fuzz.forms import (
    APP,
    APPS,
    AREA,
    ARTICLE,
    AUTHORITY,
    AUTHORIZE,
    BADGE,
    BOXES,
    CALL,
    COMMENT,
    COMPLETE,
    COUNTER,
    EVENT,
    FIGURES,
    FORMATS,
    HOOK,
    KIND,
    LINK,
    LIST,
    LOGIN,
    MANY,
    NEW_REQUEST,
    NO_ID,
    OFFICE,
    OPENING,
    PARTY,
    REPLY,
    REPORT,
    REQUESTS,
    ROUND,
    RULE,
    SIGN_IN_AT,
    SIGN_UP,
    SLUGS,
    SPAN,
    TEAM,
    TOKEN,
    TRY_RULES,
    VERDICT,
    WORDS,
    WORK,
    Fields,
)

PARAMETER = re.compile(r"<[^>]+>|\^?\(\?P<[^>]+>[^)]*\)")


@dataclass(frozen=True)
class Door:
    """How one address is tried: by which method, as whom, with which fields (and right values), and with which right
    values in the path. `tries`: how many malformed requests."""

    method: str = "GET"
    role: str = "visitor"
    fields: Fields = field(default_factory=dict)
    rights: tuple[str, ...] = ()
    tries: int = 500


DOORS: dict[str, Door] = {
    # the front
    "": Door(tries=50),
    "search": Door(fields={"q": ["hole"]}),
    "language": Door("POST", fields={"language": ["ar", "fr"], "next": ["/", "/reports/?q=1"]}),
    "offline": Door(tries=50),
    "outbox": Door(tries=50),
    "outbox.json": Door(tries=50),
    "manifest.webmanifest": Door(tries=50),
    "sw.js": Door(tries=50),
    "dev/look": Door(tries=50),
    ".well-known/matrix/client": Door(tries=50),
    "me/messenger": Door(
        "POST",
        role="citizen",
        fields={"wanted": ["true", "false"], "by_name": ["city", "nobody"], "by_address": ["on"]},
        tries=100,
    ),
    "health": Door(tries=50),
    "seals/": Door(fields={"before": ["2026-11-21"]}, tries=100),
    "seals/key.json": Door(tries=50),
    "seals/heads.txt": Door(tries=50),
    "seals/<str:day>.json": Door(rights=("2026-11-21",), tries=100),
    "seals/<str:day>.leaves": Door(rights=("2026-11-21",), tries=100),
    "api/openapi.json": Door(tries=50),
    # reports
    "reports/": Door(fields=LIST),
    "reports/new": Door("POST", fields=REPORT),
    "reports/mine": Door(role="citizen", fields=LIST),
    "reports/work": Door(role="officer", fields=WORK),
    "reports/work/change": Door("POST", role="officer", fields=MANY),
    "reports/work/changes/<uuid:key>": Door(role="officer", rights=("0190f0c0-0000-7000-8000-000000000004",), tries=50),
    "reports/work/changes/<uuid:key>/undo": Door(
        "POST", role="officer", rights=("0190f0c0-0000-7000-8000-000000000004",), tries=50
    ),
    "reports/round": Door(role="officer", fields=ROUND),
    "reports/calls": Door("POST", role="operator", fields={"phone": ["0612345678"], "name": ["Nadia"]}, tries=200),
    "reports/ringback": Door(role="operator", fields={"after": ["2026-11-26T09:00:00+00:00_1"]}, tries=200),
    "reports/ringback/<int:number>": Door("POST", role="operator", fields=CALL, rights=("NUMBER",), tries=200),
    "reports/replies": Door(role="admin", tries=50),
    "reports/replies/new": Door("POST", role="admin", fields=REPLY),
    "reports/replies/<slug:code>": Door("POST", role="admin", fields=REPLY, rights=("soon",), tries=200),
    "reports/figures": Door(fields=FIGURES, tries=200),
    "reports/overdue": Door(fields={"after": ["2026-11-26_1"]}, tries=100),
    "reports/satisfaction": Door(role="officer", tries=50),
    "reports/rules": Door(role="admin", fields=TRY_RULES, tries=200),
    "reports/rules/new": Door("POST", role="admin", fields=RULE),
    "reports/rules/<int:number>": Door("POST", role="admin", fields=RULE, rights=("1",), tries=200),
    "reports/rules/<int:number>/remove": Door("POST", role="admin", rights=("1",), tries=50),
    "reports/teams": Door(role="admin", tries=50),
    "reports/teams/new": Door("POST", role="admin", fields=OFFICE),
    "reports/teams/<slug:code>": Door("POST", role="admin", fields=OFFICE, rights=("night",), tries=200),
    "reports/categories": Door(role="admin", tries=50),
    "reports/categories/new": Door("POST", role="admin", fields=KIND),
    "reports/categories/<slug:code>": Door("POST", role="admin", fields=KIND, rights=("pothole",), tries=200),
    "reports/authorities": Door(role="admin", tries=50),
    "reports/authorities/new": Door("POST", role="admin", fields=AUTHORITY),
    "reports/authorities/<slug:code>": Door("POST", role="admin", fields=AUTHORITY, rights=("waterworks",), tries=200),
    "reports/letters": Door(role="operator", fields={"reason": ["empty"], "before": ["5"]}, tries=100),
    "reports/letters/<int:key>": Door(role="operator", rights=("1",), tries=50),
    "reports/feed.atom": Door(
        fields={"category": ["pothole"], "district": ["anfa"], "street": ["rue"], "before": ["5"]}, tries=300
    ),
    "reports/<int:number>/complete": Door("POST", role="citizen", fields=COMPLETE, rights=("NUMBER",), tries=200),
    "reports/<int:number>/forwards/<int:key>/<slug:verb>": Door(
        "POST", role="officer", rights=("NUMBER", "1", "again", "recall"), tries=100
    ),
    "reports/map": Door(fields={**LIST, "bbox": ["-7.7,33.5,-7.5,33.6"]}),
    "reports/map.json": Door(fields={**LIST, "bbox": ["-7.7,33.5,-7.5,33.6"]}),
    "reports/districts.json": Door(tries=50),
    "reports/questions": Door(fields={"category": ["pothole"]}, tries=100),
    "reports/near": Door(fields={"lat": ["33.55"], "lon": ["-7.65"], "category": ["pothole"]}, tries=100),
    "reports/photos/draft/<str:token>": Door(),
    "reports/photos/<int:photo_id>/<slug:variant>": Door(rights=("1", "full", "thumb")),
    "reports/photos": Door(role="moderator", fields={"after": ["0", "1"]}),
    "reports/photos/<int:photo_id>": Door("POST", role="moderator", fields=BOXES, rights=("1",), tries=200),
    "reports/photos/<int:photo_id>/check": Door(
        "POST", role="moderator", fields={"form": ["abc"], "back": ["queue"]}, rights=("1",), tries=100
    ),
    "reports/photos/<int:photo_id>/keep": Door(
        "POST", role="moderator", fields={"text": ["A face"], "back": ["queue", "case"]}, rights=("1",), tries=100
    ),
    "reports/photos/<int:photo_id>/original": Door("POST", role="moderator", rights=("1",), tries=50),
    "reports/<int:number>": Door(fields={"key": ["abc"], "done": ["sent"]}, rights=("NUMBER",)),
    "reports/<int:number>/contact": Door("POST", role="officer", rights=("NUMBER",)),
    "reports/<int:number>/support": Door("POST", role="citizen", fields={"follow": ["1"]}, rights=("NUMBER",)),
    "reports/<int:number>/witness": Door("POST", role="citizen", fields=VERDICT, rights=("NUMBER",)),
    "reports/<int:number>/unfollow": Door("POST", role="citizen", rights=("NUMBER",)),
    "reports/<int:number>/do/<slug:verb>": Door(
        "POST", role="officer", fields=WORDS, rights=("NUMBER", "accept", "ask", "solve", "decline", "move", "note")
    ),
    "moderation": Door(role="moderator", tries=50),
    "moderation/flag": Door("POST", fields={"about": ["report:1"], "reason": ["insult"], "text": ["Look"]}, tries=100),
    "moderation/decide": Door(
        "POST",
        role="moderator",
        fields={"about": ["report:1"], "do": ["keep", "take_off", "block"], "whom": ["person"], "days": ["7"]},
        tries=200,
    ),
    "moderation/block": Door("POST", fields={"block": ["1"], "text": ["Why?"], "email": ["a@b.example"]}, tries=100),
    "moderation/page": Door(
        "POST", fields={"path": ["/reports/"], "text": ["White"], "email": ["a@b.example"]}, tries=100
    ),
    "moderation/told": Door(fields={"key": ["abc"]}, tries=50),
    "moderation/reviews/<int:key>": Door(
        "POST",
        role="moderator",
        fields={
            "do": ["take", "approve", "send_back", "refuse"],
            "text": ["No"],
            "changes": ["More"],
            "rules": ["1:1"],
        },
        rights=("1",),
        tries=100,
    ),
    "moderation/mine": Door(role="citizen", tries=50),
    "moderation/again": Door("POST", role="citizen", fields={"about": ["decision:1"], "text": ["Why?"]}, tries=100),
    "moderation/again/<int:key>": Door("POST", role="moderator", fields={"do": ["stand"]}, rights=("1",), tries=100),
    "moderation/log": Door(fields={"before": ["2026-11-26T00:00:00"]}, tries=100),
    "moderation/log.csv": Door(tries=20),
    "comments/": Door(fields={"about": ["article:1"], "before": ["5"]}, tries=100),
    "comments/write": Door("POST", role="citizen", fields={**COMMENT, "parent": ["1"]}, tries=200),
    "comments/rate": Door("POST", role="citizen", fields={"about": ["article:1"], "stars": ["5"]}, tries=100),
    "comments/<int:key>": Door(rights=("1",), tries=50),
    "comments/<int:key>/edit": Door("POST", role="citizen", fields={"text": ["Better"]}, rights=("1",), tries=100),
    "comments/<int:key>/helpful": Door("POST", role="citizen", fields={"undo": ["true"]}, rights=("1",), tries=50),
    "api/comments": Door("POST", role="citizen", fields=COMMENT, tries=200),
    "api/ratings": Door("POST", role="citizen", fields={"about": ["article:1"], "stars": ["5"]}, tries=100),
    "moderation/appeals/<int:key>": Door("POST", role="moderator", fields={"do": ["lift"]}, rights=("1",), tries=100),
    "api/reports": Door("POST", fields=REPORT),
    "api/reports/suggest": Door("POST", fields={"words": ["a deep hole", "7ofra kbira"]}),
    "api/reports/photos": Door("POST"),
    "api/reports/near": Door(fields={"lat": ["33.55"], "lon": ["-7.65"], "category": ["pothole"]}),
    "api/reports/figures": Door(fields=FIGURES, tries=100),
    "reports/<int:number>/card": Door("POST", fields={"verb": ["answer"], "text": ["Here"]}, rights=("NUMBER",)),
    "api/reports/<int:number>": Door(rights=("NUMBER",)),
    # Open311 and open data
    "open311/discovery.<slug:form>": Door(rights=FORMATS, fields=SPAN, tries=100),
    "open311/v2/discovery.<slug:form>": Door(rights=FORMATS, tries=50),
    "open311/v2/services.<slug:form>": Door(rights=FORMATS, fields=SPAN),
    "open311/v2/services/<str:code>.<slug:form>": Door(rights=(*FORMATS, "pothole"), fields=SPAN),
    "open311/v2/requests.<slug:form>": Door("POST", rights=FORMATS, fields=NEW_REQUEST),
    "open311/v2/requests/<str:number>.<slug:form>": Door(rights=(*FORMATS, "NUMBER"), fields=REQUESTS),
    "open311/v2/tokens/<str:token>.<slug:form>": Door(rights=(*FORMATS, "0190f0c0-0000-7000-8000-000000000002")),
    "open311/v2/servicerequestupdates.<slug:form>": Door(rights=FORMATS, fields=SPAN),
    "open311/v2/<path:rest>.<slug:form>": Door("POST", rights=FORMATS),
    "data/": Door(fields=SPAN, tries=50),
    "data/catalogue.jsonld": Door(tries=50),
    "data/reports.csv": Door(tries=100),
    "data/figures.csv": Door(fields=FIGURES, tries=100),
    "data/reports.geojson": Door(tries=100),
    # accounts
    "me": Door(role="citizen"),
    "me/profile": Door(
        "POST",
        role="citizen",
        fields={"name": ["Nadia"], "language": ["ar"], "username": ["nadia"], "email": ["a@b.example"]},
    ),
    "me/history": Door(role="citizen", fields={"before": ["5"], "page": ["2"]}),
    "me/history/<int:fact_id>.json": Door(role="citizen", rights=("1",), tries=100),
    "me/export": Door("POST", role="citizen", tries=50),
    "me/delete": Door("POST", role="citizen", fields={"confirm": ["on"], "password": ["x"]}),
    "me/charter": Door("POST", role="citizen", fields={"version": ["1"], "accept": ["on"], "next": ["/me"]}),
    "me/manage": Door(role="citizen", fields={"action": ["org.matrix.profile"], "device_id": ["ABCDEF"]}, tries=100),
    "me/messenger/keys": Door("POST", role="citizen", tries=50),
    "me/sessions/end": Door("POST", role="citizen", fields={"key": ["ABCDEF"]}, tries=100),
    ".well-known/openid-credential-issuer": Door(tries=30),
    ".well-known/oauth-authorization-server/id": Door(tries=30),
    ".well-known/jwt-vc-issuer": Door(tries=30),
    "id/keys.json": Door(tries=30),
    "id/root.pem": Door(tries=30),
    "id/credentials/person": Door(tries=30),
    "statuslists/<int:number>": Door(rights=("1",), tries=100),
    "id/offers/<str:reference>": Door(tries=100),
    "id/push": Door("POST", fields=AUTHORIZE, tries=300),
    "id/authorize": Door(
        role="citizen",
        fields={"client_id": ["w"], "request_uri": ["urn:ietf:params:oauth:request_uri:x"], "answer": ["no"]},
        tries=100,
    ),
    "id/token": Door("POST", fields=TOKEN, tries=300),
    "id/nonce": Door("POST", tries=30),
    "id/credential": Door("POST", tries=100),
    "id/deferred": Door("POST", tries=100),
    "id/notification": Door("POST", tries=100),
    "id/wallet": Door(role="citizen", tries=30),
    "id/wallet/offer": Door("POST", role="citizen", tries=30),
    "id/wallet/<uuid:key>/end": Door("POST", role="citizen", rights=(NO_ID,), tries=50),
    "id/consents": Door(role="citizen", tries=30),
    "id/consents/<slug:code>": Door("POST", role="citizen", rights=("none",), tries=50),
    "id/consents/<slug:code>/delete": Door("POST", role="citizen", rights=("none",), tries=50),
    "id/consents/<slug:code>/report": Door(
        "POST", role="citizen", fields={"words": ["They asked for too much"]}, rights=("none",), tries=100
    ),
    "id/present": Door(tries=30),
    ".well-known/openid-configuration": Door(tries=30),
    "id/connect/keys.json": Door(tries=30),
    "id/connect/developers": Door(tries=30),
    "id/connect/authorize": Door(role="citizen", fields=AUTHORIZE, tries=300),
    "id/connect/par": Door("POST", fields=AUTHORIZE, tries=300),
    "id/connect/token": Door("POST", fields=TOKEN, tries=300),
    "id/connect/userinfo": Door(tries=50),
    "id/connect/revoke": Door("POST", fields={"token": ["x"], "client_id": ["bank"]}, tries=100),
    "id/connect/introspect": Door("POST", fields={"token": ["x"], "client_id": ["bank"]}, tries=100),
    "id/connect/leave": Door(
        role="citizen", fields={"id_token_hint": ["a.b.c"], "client_id": ["bank"], "state": ["s"]}, tries=200
    ),
    "verify/": Door("POST", role="admin", fields=COUNTER, tries=200),
    "verify/offline": Door(tries=30),
    "verify/counter/<str:secret>": Door(tries=25),
    "verify/asks/<uuid:key>": Door(role="admin", fields={"code": ["abc"]}, rights=(NO_ID,), tries=50),
    "verify/asks/<uuid:key>.json": Door(role="admin", rights=(NO_ID,), tries=50),
    "verify/asks/<uuid:key>/again": Door("POST", role="admin", rights=(NO_ID,), tries=50),
    "verify/wishes": Door(role="admin", tries=30),
    "verify/wishes/<uuid:key>": Door(
        "POST", role="admin", fields={"answer": ["deleted"], "reply": ["Done"]}, rights=(NO_ID,), tries=100
    ),
    "verify/parties": Door(role="admin", tries=30),
    "verify/parties/new": Door("POST", role="admin", fields=PARTY, tries=200),
    "verify/parties/<slug:code>": Door("POST", role="admin", fields=PARTY, rights=("none",), tries=100),
    "verify/parties/<slug:code>/clerks": Door(
        "POST", role="admin", fields={"username": ["x"]}, rights=("none",), tries=50
    ),
    "verify/parties/<slug:code>/link": Door("POST", role="admin", rights=("none",), tries=50),
    "verify/parties/<slug:code>/sign-in": Door("POST", role="admin", fields=SIGN_IN_AT, rights=("none",), tries=200),
    "verify/parties/<slug:code>/secret": Door("POST", role="admin", rights=("none",), tries=50),
    "verify/requests/<str:reference>": Door(tries=100),
    "verify/answers/<uuid:key>": Door("POST", fields={"vp_token": ["{}"], "state": ["x"]}, rights=(NO_ID,), tries=200),
    "oauth/authorize": Door("POST", role="citizen", fields=AUTHORIZE),
    "oauth/register": Door("POST", fields={"client_uri": ["https://app.example"]}, tries=300),
    "oauth/token": Door("POST", fields=TOKEN),
    "oauth/device": Door("POST", fields=TOKEN, tries=200),
    "link/browser": Door("POST", role="citizen", fields={"user_code": ["123-456-789"], "answer": ["yes"]}, tries=50),
    "accounts/device/ask": Door("POST", fields={"next": ["/chat/"]}, tries=50),
    "accounts/device": Door("POST", tries=50),
    "accounts/device/state.json": Door(tries=50),
    "link": Door("POST", role="citizen", fields=LINK),
    "oauth/revoke": Door("POST", fields=TOKEN, tries=200),
    "chat/": Door(role="citizen", tries=50),
    "chat/more.json": Door(tries=50),
    "chat/join/<slug:token>": Door(role="citizen", rights=("abcdefghijklmnop",), tries=50),
    "chat/code.svg": Door(role="citizen", fields={"path": ["/chat/", "/chat/join/abc"]}, tries=50),
    "chat/words/<slug:part>.json": Door(rights=("seal",), tries=50),
    "api/messenger/device": Door("POST", role="citizen", tries=50),
    "api/messenger/device/end": Door("POST", role="citizen", fields={"device_id": ["ABCDEF"]}, tries=100),
    "chat/let-in": Door("POST", role="citizen", fields={"redirectUrl": ["https://app.example"], "action": ["login"]}),
    "charter": Door(fields={"version": ["1"]}),
    "accounts/people/": Door(role="admin", fields={"q": ["nadia"], "page": ["1"], "after": ["nadia"]}),
    "accounts/people/<uuid:key>": Door(
        "POST", role="admin", fields={"role": ["officer"], "department": ["roads"]}, rights=("PERSON",)
    ),
    "accounts/people/<uuid:key>/revoke": Door(
        "POST", role="admin", fields={"role": ["officer"], "department": ["roads"]}, rights=("PERSON",)
    ),
    "accounts/login/": Door("POST", fields=LOGIN),
    "accounts/signup/": Door("POST", fields=SIGN_UP),
    # the store
    "apps/": Door(fields=APPS, tries=200),
    "apps/mine": Door(role="developer", tries=20),
    "apps/new": Door("POST", role="developer", fields=APP, tries=150),
    "apps/repository": Door(tries=20),
    "apps/by-package/<str:package>": Door(rights=("ma.casa.bus",), tries=50),
    "fdroid/repo/<path:path>": Door(rights=("entry.jar", "ma.casa.bus_1.apk"), tries=100),
    "apps/<slug:slug>": Door(rights=SLUGS, tries=50),
    "apps/<slug:slug>/open": Door(rights=SLUGS, tries=20),
    "apps/<slug:slug>/versions/<int:version_code>": Door(rights=(*SLUGS, "1"), tries=50),
    "apps/<slug:slug>/pictures/<slug:sha256>": Door(rights=(*SLUGS, "0" * 64), tries=50),
    "apps/<slug:slug>/pictures/<slug:sha256>/thumb": Door(rights=(*SLUGS, "0" * 64), tries=20),
    "apps/<slug:slug>/feature": Door("POST", role="moderator", fields={"days": ["7"]}, rights=SLUGS, tries=50),
    "apps/<slug:slug>/manage": Door(role="developer", rights=SLUGS, tries=20),
    "apps/<slug:slug>/texts": Door("POST", role="developer", fields=APP, rights=SLUGS, tries=100),
    "apps/<slug:slug>/details": Door("POST", role="developer", fields=APP, rights=SLUGS, tries=100),
    "apps/<slug:slug>/pictures": Door("POST", role="developer", fields=APP, rights=SLUGS, tries=50),
    "apps/<slug:slug>/versions": Door("POST", role="developer", fields=APP, rights=SLUGS, tries=50),
    "apps/<slug:slug>/reasons": Door("POST", role="developer", fields={"camera": ["To scan"]}, rights=SLUGS, tries=20),
    "apps/<slug:slug>/hand-in": Door("POST", role="developer", fields=APP, rights=SLUGS, tries=50),
    "apps/<slug:slug>/team": Door("POST", role="developer", fields=TEAM, rights=SLUGS, tries=100),
    "apps/<slug:slug>/history": Door(role="developer", rights=SLUGS, tries=20),
    "apps/<slug:slug>/do/<slug:verb>": Door("POST", role="developer", rights=(*SLUGS, "withdraw"), tries=50),
    "api/apps": Door(fields=APPS, tries=200),
    "api/apps/suggest": Door(fields={"q": ["bus", "حافلة"]}, tries=200),
    "api/apps/versions": Door("POST", fields={"changelog": ["New"]}, tries=50),
    "api/apps/<slug:slug>": Door(rights=SLUGS, tries=50),
    # articles and events
    "articles/": Door(fields={"q": ["bus"], "language": ["ar"], "topic": ["data"], "before": ["1"]}),
    "articles/feed.atom": Door(fields={"language": ["ar"]}, tries=100),
    "articles/new": Door("POST", role="citizen", fields=ARTICLE),
    "articles/mine": Door(role="citizen", tries=50),
    "articles/pictures/<int:number>/<str:variant>": Door(rights=("1", "thumb"), tries=100),
    "articles/<str:slug>": Door(rights=("buses",), tries=200),
    "articles/<str:slug>/edit": Door("POST", role="citizen", fields=ARTICLE, rights=("buses",), tries=200),
    "articles/<str:slug>/revisions": Door(rights=("buses",), tries=50),
    "articles/<str:slug>/pictures/remove": Door(
        "POST", role="citizen", fields={"picture": ["1"]}, rights=("buses",), tries=50
    ),
    "articles/<str:slug>/take-back": Door("POST", role="citizen", rights=("buses",), tries=50),
    "articles/<str:slug>/withdraw": Door("POST", role="citizen", rights=("buses",), tries=50),
    "api/articles": Door("POST", role="citizen", fields=ARTICLE, tries=200),
    "api/articles/<str:slug>": Door(rights=("buses",), tries=50),
    "api/events": Door("POST", role="citizen", fields=EVENT, tries=200),
    "api/events/<int:number>": Door(rights=("1",), tries=50),
    "events/": Door(fields={"q": ["code"], "topic": ["data"], "district": ["anfa"], "after": ["1"]}),
    "events/month": Door(fields={"month": ["2026-12", "9999-99"], "topic": ["data"]}),
    "events/map": Door(fields={"q": ["code"]}, tries=100),
    "events/calendar.ics": Door(tries=50),
    "events/city.svg": Door(fields={"spot": ["33.5, -7.6"]}, tries=100),
    "events/new": Door("POST", role="citizen", fields=EVENT),
    "events/mine": Door(role="citizen", tries=50),
    "events/<int:number>": Door(rights=("1",), tries=100),
    "events/<int:number>.ics": Door(rights=("1",), tries=50),
    "events/<int:number>/edit": Door("POST", role="citizen", fields=EVENT, rights=("1",), tries=200),
    "events/<int:number>/translate": Door(
        "POST",
        role="citizen",
        fields={"language": ["fr"], "title": ["Soir"], "text": ["Venez"]},
        rights=("1",),
        tries=100,
    ),
    "events/<int:number>/map.svg": Door(rights=("1",), tries=50),
    "events/<int:number>/versions": Door(rights=("1",), tries=50),
    "events/<int:number>/guests": Door(role="citizen", rights=("1",), tries=50),
    "events/<int:number>/come": Door("POST", role="citizen", fields={"date": ["1"]}, rights=("1",), tries=100),
    "events/<int:number>/stay-away": Door("POST", role="citizen", fields={"date": ["1"]}, rights=("1",), tries=100),
    "events/<int:number>/cancel": Door("POST", role="citizen", fields={"date": ["1"]}, rights=("1",), tries=100),
    "events/<int:number>/take-back": Door("POST", role="citizen", rights=("1",), tries=50),
    # what crosses the border
    "districts/": Door("POST", role="admin", fields=OPENING, tries=200),
    "api/districts": Door("POST", role="admin", fields=OPENING, tries=100),
    "webhooks/": Door(role="admin", tries=50),
    "webhooks/new": Door("POST", role="admin", fields=HOOK, tries=200),
    "webhooks/<uuid:key>": Door("POST", role="admin", fields=HOOK, rights=(NO_ID,), tries=100),
    "webhooks/<uuid:key>/do/<slug:verb>": Door("POST", role="admin", rights=(NO_ID, "secret"), tries=100),
    "webhooks/<uuid:key>/again/<uuid:delivery>": Door("POST", role="admin", rights=(NO_ID,), tries=50),
    "api/webhooks": Door("POST", role="admin", fields=HOOK, tries=200),
    "api/webhooks/<uuid:key>": Door(role="admin", rights=(NO_ID,), tries=50),
    # the club
    "club/": Door(tries=50),
    "club/verify": Door("POST", fields={"token": ["a.b.c"], "email": ["nadia@example.org"], "file": []}, tries=200),
    "club/shown": Door("POST", role="citizen", fields={"shown": ["true"]}, tries=50),
    "club/issuer.json": Door(tries=50),
    "club/status/<int:number>": Door(rights=("1",), tries=100),
    "club/awards/<uuid:key>": Door(rights=(NO_ID,), tries=100),
    "club/badges/<slug:code>": Door(rights=("mender",), tries=100),
    "club/badges/<slug:code>/<int:level>": Door(rights=("mender", "1"), tries=100),
    "club/badges/<slug:code>/<int:level>.json": Door(rights=("mender", "1"), tries=100),
    "club/badges/<slug:code>/<int:level>.svg": Door(rights=("mender", "1"), tries=100),
    "club/badges/<slug:code>/<int:level>.png": Door(rights=("mender", "1"), tries=20),
    "club/rules": Door(role="admin", tries=50),
    "club/rules/new": Door("POST", role="admin", fields=BADGE, tries=200),
    "club/rules/<slug:code>": Door("POST", role="admin", fields=BADGE, rights=("mender",), tries=200),
    "me/badges": Door(role="citizen", tries=50),
    "me/badges/<uuid:key>.<slug:form>": Door(role="citizen", rights=(NO_ID, "jwt", "svg"), tries=100),
    "api/club/badges": Door(tries=50),
    ".well-known/did.json": Door(tries=50),
    "id/": Door(role="citizen", tries=50),
    "id/show": Door(role="citizen", tries=50),
    "id/secure": Door(role="citizen", tries=50),
    "id/apply": Door("POST", role="citizen", fields={"do": ["begin", "number"], "number": ["BK1"]}, tries=100),
    "id/freeze": Door("POST", role="citizen", tries=50),
    "id/thaw": Door(role="citizen", tries=50),
    "id/code": Door("POST", role="citizen", tries=50),
    "id/paper": Door("POST", role="citizen", tries=50),
    "id/paper/<str:code>": Door(tries=200),
    "id/face": Door("POST", role="citizen", tries=50),
    "id/face/errors": Door(tries=50),
    "id/desk": Door(role="officer", fields={"done": ["accept", "second"]}, tries=50),
    "id/desk/<uuid:key>": Door("POST", role="officer", fields={"do": ["accept", "refuse"]}, rights=(NO_ID,), tries=100),
    "id/counter": Door("POST", role="officer", fields={"code": ["12345678"], "pin": ["280911"]}, tries=100),
    "api/identity/challenge": Door("POST", role="citizen", tries=100),
    "api/identity/lock": Door("POST", role="citizen", tries=100),
    "me/news": Door(role="citizen", fields={"before": ["5"]}, tries=100),
    "me/news/wish": Door("POST", role="citizen", fields={"talk": ["inbox", "letter", "none"]}, tries=50),
    "me/areas": Door("POST", role="citizen", fields=AREA),
    "me/areas/<uuid:key>/<slug:verb>": Door("POST", role="citizen", rights=(NO_ID, "remove", "daily"), tries=100),
    "alerts/stop/<str:token>": Door("POST", tries=200),
    "dev/mail": Door(role="admin", fields={"page": ["1"], "to": ["nadia@example.org"]}),
    "dev/mail/<uuid:key>": Door(role="admin"),
}
ALLAUTH = "accounts/"
"""The rest of /accounts/ is django-allauth's own: its addresses share one door, tried by each of these methods."""


def routes() -> Iterator[str]:
    """Every address of the site, as written in the urls."""
    for route, _pattern in walk_urls():
        yield route


def is_allauths(route: str) -> bool:
    return route.startswith(ALLAUTH) and route not in DOORS


def parts_of(route: str) -> list[str | None]:
    """The fixed parts of a route, with None for each parameter: "a/<int:b>" is ["/a/", None]."""
    found: list[str | None] = []
    start = 0
    for match in PARAMETER.finditer(route):
        found += [route[start : match.start()], None]
        start = match.end()
    found.append(route[start:])
    return ["/", *[part for part in found if part != ""]]
