"""The demo's sign-ins: one for each role, and one password that everybody knows."""

from meydan.accounts.models import Person

DEMO_DOMAIN = "demo.example"
DEMO_PASSWORD = "meydan-demo"
DEMO_ROLES = ("citizen", "neighbour", "developer", "moderator", "officer", "operator", "auditor", "admin")


def demo_people_exist() -> bool:
    """Whether accounts with the demo's public password are here: then the server must stay on loopback."""
    return Person.objects.filter(email__endswith=f"@{DEMO_DOMAIN}", is_active=True).exists()
