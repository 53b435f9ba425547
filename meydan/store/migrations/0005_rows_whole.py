"""Rows of entries stay whole up to half a page: searches that walk down a list look at the words of each, and fetching
these from PostgreSQL's side table (TOAST) was most of what that cost."""

from django.db import migrations

ALTER = "alter table store_app set (toast_tuple_target = 4080)"
AS_BEFORE = "alter table store_app reset (toast_tuple_target)"
REWRITE = "update store_app set body_words = body_words || ''::tsvector where body_words is not null"


class Migration(migrations.Migration):
    dependencies = [("store", "0004_words")]

    operations = [
        migrations.RunSQL(ALTER, AS_BEFORE),
        migrations.RunSQL(REWRITE, migrations.RunSQL.noop),
    ]
