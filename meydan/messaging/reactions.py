"""What happens to an account happens to its devices in the messenger."""

from django.db import connection

from meydan.accounts.facts import PasswordChanged, PersonDeleted
from meydan.kernel.facts import Fact
from meydan.kernel.reactions import reacts_to


@reacts_to(PasswordChanged, PersonDeleted)
def sign_devices_out(fact: Fact) -> None:
    """Whoever changes a password wants nobody else in; a deleted account has no devices. Twice is once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """with gone as (select id from messaging_device where account_id = any(%s)),
                    pushers as (delete from messaging_pusher where device in (select id from gone))
               delete from messaging_accesstoken where device_id in (select id from gone)""",
            [list(fact.persons)],
        )
