"""The table behind Django's cache, which allauth counts sign-in attempts in. Unlogged: a crash may forget a minute."""

from django.db import migrations

CREATE = """
create unlogged table accounts_attempt (
    cache_key varchar(255) primary key,
    value text not null,
    expires timestamptz not null
);
create index accounts_attempt_expires on accounts_attempt (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "drop table accounts_attempt")]
