"""Whether people are there. Unlogged: a crash may forget it, and whoever polls is there again."""

from django.db import migrations

CREATE = """
create unlogged table messaging_presence (
    person varchar(255) primary key,
    pos bigint not null,
    state varchar(20) not null,
    active_at bigint not null,
    status varchar(255) not null,
    gateway varchar(200) not null,
    rooms bigint[] not null
);
create index messaging_presence_stream on messaging_presence (pos);
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0007_identity_reset")]
    operations = [migrations.RunSQL(CREATE, "drop table messaging_presence")]
