"""Who gets which answer where. Read it as the city's promise: what is not for you is 403 where you may know that it
exists, 404 where you may not; `login` sends a visitor to sign in and back; `again` asks for the password once more.

`officer` works for the department that has the reports of the scene, `other` for another one; `reporter` is the citizen
who sent them, `user` is any other citizen. Names in braces are made by `tests/role_scene.py`. One answer in a line is
everybody's. 422 after a POST says: you may, and the form asks for more.
"""

ROLES = (
    *("visitor", "user", "developer", "moderator", "officer"),
    *("other", "operator", "auditor", "admin", "reporter"),
)

TABLE = """
PATH                                                 METHOD visitor user develop. moderat. officer other operator auditor admin reporter
/                                                    GET    200
"""

# What is sent with a POST, by method and path; without an entry an empty form. A text is sent as JSON.
BODIES: dict[str, dict[str, str] | str] = {
    "POST /language": {"language": "fr"},
    "POST /reports/new": {"category": "pothole", "description": "A deep hole", "district": "anfa"},
    "POST /reports/{public}/do/ask": {"text": "Where?"},
    "POST /reports/{public}/do/solve": {"text": "Filled"},
    "POST /reports/{public}/do/decline": {"text": "Not ours"},
    "POST /reports/{public}/do/move": {"department": "light"},
    "POST /reports/{public}/do/note": {"text": "Call them"},
    "POST /reports/{public}/do/photo": {"photos": "{draft}"},
    "POST /reports/{public}/do/hide": {"text": "A face"},
    "POST /reports/{asked}/do/answer": {"text": "There"},
    "POST /reports/{solved}/do/reopen": {"text": "Still there"},
    "POST /api/reports": '{"category": "pothole", "description": "A deep hole", "district": "anfa"}',
    "POST /me/profile": {"name": "Somebody", "language": "fr"},
    "POST /me/charter": {"version": "1"},
    "POST /accounts/people/{person}": {"role": "developer"},
    "POST /accounts/people/{person}/revoke": {"role": "moderator"},
    "POST /open311/v2/requests.json": {
        **{"api_key": "demo", "service_code": "pothole", "lat": "33.59", "long": "-7.61"},
        "description": "A deep hole",
    },
}
