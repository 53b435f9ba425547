"""What the forms and addresses of the fuzz tests are rightly sent: the wrong things are made of these."""

from collections.abc import Mapping, Sequence

Fields = Mapping[str, Sequence[str]]
LIST: Fields = {
    "q": ["hole", "حفرة"],
    "state": ["open", "closed", "solved"],
    "category": ["pothole"],
    "district": ["anfa"],
    "before": ["5"],
}
APPS: Fields = {
    "q": ["bus", "حافلة"],
    "kind": ["site", "android"],
    "category": ["transport"],
    "language": ["ar"],
    "sort": ["trend", "new", "downloads"],
    "after": ["1.5_12", "24"],
}
APP: Fields = {
    "kind": ["site"],
    "title": ["Casa Bus"],
    "language": ["en"],
    "address": ["https://bus.example/"],
    "category": ["transport"],
    "tags": ["bus, tram"],
    "do": ["icon", "screenshot", "remove", "withdraw"],
    "number": ["1"],
    "about_city": ["Its buses"],
    "complete": ["yes"],
    "ready": ["yes"],
}
TEAM: Fields = {
    "do": ["invite", "token", "revoke", "offer", "remove"],
    "username": ["neighbour"],
    "role": ["editor"],
    "name": ["CI"],
    "number": ["1"],
}
SLUGS = ("casa-bus",)
WORK: Fields = {
    **LIST,
    "department": ["roads", "none"],
    "mine": ["1", "true"],
    "overdue": ["1"],
    "after": ["2026-11-26_1"],
    "team": ["night"],
    "officer": ["0190f0c0-0000-7000-8000-000000000003"],
}
REPORT: Fields = {
    "category": ["pothole", "lamp"],
    "description": ["A deep hole"],
    "lat": ["33.55"],
    "lon": ["-7.65"],
    "address": ["Boulevard Anfa"],
    "district": ["anfa"],
    "photos": [],
    "contact_name": ["Nadia"],
    "contact_email": ["nadia@example.org"],
    "contact_phone": ["+212 600 000 000"],
    "form_token": ["0190f0c0-0000-7000-8000-000000000001"],
    "on_behalf": ["on"],
}
ARTICLE: Fields = {
    "title": ["Open data"],
    "language": ["ar"],
    "summary": ["What is lent"],
    "body": ["## Why\n\n![](picture:1) [link](https://city.example)"],
    "topics": ["data"],
    "origin": ["own", "cited"],
    "source_name": ["The library"],
    "source_url": ["https://library.example"],
    "about_technology": ["on"],
    "publish_on": ["2027-01-31"],
    "publish_time": ["08:00"],
    "alt": ["A room"],
    "translates": ["1"],
    "do": ["save", "preview", "picture", "hand_in"],
}
EVENT: Fields = {
    "title": ["Repair evening"],
    "language": ["fr"],
    "text": ["Bring what is broken, and learn to mend it yourself."],
    "starts_on": ["2027-01-31"],
    "starts_at": ["18:00"],
    "ends_on": ["2027-01-31"],
    "ends_at": ["20:00"],
    "repeats": ["weekly", "month_day"],
    "weekdays": ["0", "6"],
    "until": ["2027-05-31"],
    "place": ["Library"],
    "spot": ["33.55, -7.65"],
    "online": ["https://meet.example/a"],
    "registers": ["on"],
    "seats": ["12"],
    "topics": ["data"],
    "about_technology": ["on"],
    "city.x": ["12"],
    "city.y": ["40"],
    "do": ["save", "hand_in"],
}
COMMENT: Fields = {
    "about": ["article:1"],
    "text": ["Well said"],
    "form_token": ["0190f0c0-0000-7000-8000-000000000002"],
}
FIGURES: Fields = {
    "period": ["week", "month", "quarter", "year"],
    "by": ["department", "team", "district", "category"],
    "start": ["2026-11-25"],
    "sort": ["-received", "overdue"],
}
VERDICT: Fields = {"solved": ["yes", "no"], "content": ["1", "5"], "reasons": ["slow", "fast"], "text": ["Well"]}
TRY_RULES: Fields = {
    "category": ["pothole"],
    "district": ["anfa"],
    "lat": ["33.55"],
    "lon": ["-7.65"],
    "moment": ["2026-11-24T12:00", "2026-11-24T12:00:00Z"],
}
RULE: Fields = {
    "category": ["pothole"],
    "district": ["anfa"],
    "target": ["roads", "roads/night"],
    "weekdays": ["0", "6"],
    "days_off": ["yes", "no"],
    "starts": ["20:00"],
    "ends": ["06:00"],
    "season_starts": ["06-01"],
    "season_ends": ["09-30"],
}
NAMES: Fields = {
    "name_en": ["Flood"],
    "name_ar": ["فيضان"],
    "code": ["flood"],
    "department": ["roads"],
    "active": ["on"],
}
OFFICE: Fields = {**NAMES, "parent": ["night"], "holder": ["admin"], "holder_public": ["on"]}
KIND: Fields = {**NAMES, "term_days": ["5"], "icon": ["waves"], "private": ["on"], "coarse": ["on"]}
AUTHORITY: Fields = {
    **NAMES,
    "email": ["desk@gas.example"],
    "endpoint": ["https://gas.example/v2"],
    "form": ["json", "xml"],
    "jurisdiction": ["gas"],
    "api_key": ["k"],
    "services": ["pothole = 1\n* = 2"],
}
COMPLETE: Fields = {
    "category": ["pothole"],
    "address": ["Rue 4"],
    "district": ["anfa"],
    "lat": ["33.5"],
    "lon": ["-7.6"],
}
AREA: Fields = {
    "district": ["anfa"],
    "lat": ["33.55"],
    "lon": ["-7.65"],
    "radius": ["500"],
    "category": ["pothole"],
    "daily": ["true", "false"],
}
HOOK: Fields = {
    "name": ["Map"],
    "url": ["https://map.example/events"],
    "kinds": ["report.filed", "report.solved"],
    "active": ["on"],
}
BADGE: Fields = {
    **NAMES,
    "text_en": ["For repairs"],
    "icon": ["hammer"],
    "kinds": ["report-confirmed", "flag-upheld"],
    "levels": ["1 5 20", "1,2"],
    "per_day": ["3"],
    "per_week": ["10"],
    "position": ["2"],
    "do": ["save", "try"],
}
NO_ID = "00000000-0000-0000-0000-000000000000"
WORDS: Fields = {
    "text": ["Some words"],
    "photos": [],
    "category": ["lamp"],
    "department": ["light"],
    "authority": ["waterworks"],
    "key": ["abc"],
    "team": ["night"],
    "officer": ["0190f0c0-0000-7000-8000-000000000003"],
    "into": ["1"],
    "form_token": ["0190f0c0-0000-7000-8000-000000000004"],
    "use": ["1"],
    "reply": ["soon"],
}
MANY: Fields = {**WORDS, "verb": ["accept", "assign", "move", "solve", "decline", "note"], "number": ["1", "2"]}
REPLY: Fields = {
    "code": ["soon"],
    "verb": ["accept", "message"],
    "category": ["lamp"],
    "department": ["roads"],
    "title_en": ["Soon"],
    "text_en": ["We come soon."],
    "active": ["on"],
}
OPENING: Fields = {"district": ["anfa"], "state": ["open", "day", "closed"], "day": ["2027-03-01"]}
ROUND: Fields = {"whose": ["mine", "all", "night"], "district": ["anfa"], "lat": ["33.55"], "lon": ["-7.65"]}
CALL: Fields = {"outcome": ["reached", "missed", "refused"], "solved": ["yes", "no"], "text": ["Content"]}
BOXES: Fields = {
    "boxes": ["[[0.1,0.1,0.2,0.2]]", "[]"],
    "keep": ["0.1,0.1,0.2,0.2"],
    "cell": ["1-2", "3-4"],
    "rows": ["5"],
    "columns": ["7"],
    "seen": ["new", "marked"],
    "back": ["queue", "case"],
    "publish": ["true"],
    "form": ["abc"],
}
SPAN: Fields = {
    "start_date": ["2026-11-01T00:00:00Z", "2026-11-01"],
    "end_date": ["2026-11-20T00:00:00+01:00"],
    "page": ["1", "2"],
    "page_size": ["10"],
    "lang": ["ar", "tg"],
    "jurisdiction_id": ["city.example"],
}
REQUESTS: Fields = {
    "service_request_id": [],
    "service_code": ["pothole", "pothole,lamp"],
    "status": ["open", "closed", "open,closed"],
    "extensions": ["true"],
    **SPAN,
}
NEW_REQUEST: Fields = {
    "api_key": ["fuzz-key"],
    "service_code": ["pothole", "lamp", "abuse"],
    "lat": ["33.55"],
    "long": ["-7.65"],
    "address_string": ["Boulevard Anfa"],
    "address_id": ["17"],
    "email": ["nadia@example.org"],
    "device_id": ["d"],
    "account_id": ["a"],
    "first_name": ["Nadia"],
    "last_name": ["B"],
    "phone": ["0600"],
    "description": ["A deep hole"],
    "token": ["0190f0c0-0000-7000-8000-000000000002"],
    "attribute[A]": [],
}
SIGN_UP: Fields = {
    "name": ["Nadia"],
    "email": ["nadia@example.org"],
    "password1": ["correct horse battery"],
    "charter": ["on"],
    "next": ["/me"],
}
LOGIN: Fields = {
    "login": ["officer", "nadia@example.org"],
    "password": ["meydan-demo"],
    "remember": ["on"],
    "next": ["/me"],
}
SIGN_IN_AT: Fields = {
    "redirects": ["https://bank.example/back", "http://127.0.0.1:5000/back"],
    "leave_to": ["https://bank.example/"],
    "proves": ["secret", "key", "none"],
    "public_keys": ['{"keys": []}'],
    "sign_in_level": ["self-declared", "light"],
}
AUTHORIZE: Fields = {
    "client_id": ["0190f0c0"],
    "response_type": ["code"],
    "response_mode": ["query", "fragment"],
    "redirect_uri": ["https://app.example/back", "example.app:/back"],
    "scope": ["urn:matrix:client:api:*"],
    "state": ["abc"],
    "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
    "code_challenge_method": ["S256"],
    "prompt": ["create"],
    "answer": ["yes", "no"],
}
LINK: Fields = {"user_code": ["019-450-730", "٠١٩٤٥٠٧٣٠"], "answer": ["yes", "no"]}
TOKEN: Fields = {
    "client_id": ["0190f0c0"],
    "grant_type": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    "device_code": ["abc"],
    "scope": ["urn:matrix:client:api:* urn:matrix:client:device:APP"],
    "code": ["abc"],
    "code_verifier": ["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"],
    "redirect_uri": ["https://app.example/back"],
    "refresh_token": ["mrt_abc.def"],
    "token": ["mat_abc", "mrt_abc.def"],
    "token_type_hint": ["access_token"],
}
CODE: Fields = {"code": ["123456", "ABC123"], "next": ["/me"], "action": ["resend", "change"]}
FORMATS = ("json", "xml")

COUNTER: Fields = {
    "party": ["none"],
    "mode": ["age", "claims", "match"],
    "claims": ["sex"],
    "is_given_name": ["Amina"],
    "is_birthdate": ["1990-05-17"],
}
PARTY: Fields = {
    "code": ["bank"],
    "name": ["Bank"],
    "purpose": ["Accounts"],
    "claims": ["sex"],
    "level": ["light", "in-person"],
    "per_day": ["10"],
}
