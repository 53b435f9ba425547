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

BODIES: dict[str, dict[str, object] | str] = {}
