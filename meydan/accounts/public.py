"""The door of accounts: what other rooms of the house may use."""

from meydan.accounts.models import Department, Person
from meydan.accounts.queries import actor_for, list_departments

__all__ = ["Department", "Person", "actor_for", "list_departments"]
