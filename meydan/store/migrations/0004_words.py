"""All words of an entry in one vector, with what Arabic words have in common with their plurals; and the list of words
to which mistyped ones are corrected."""

import django.contrib.postgres.indexes
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from meydan.kernel.analyser import skeleton_of

GATHER = "update store_app set body_words = coalesce(title_words, '') || coalesce(body_words, '')"
LIST = """insert into store_word (word) select distinct unnest(tsvector_to_array(body_words)) from store_app
    where state = 'published' on conflict do nothing"""
ADD = """update store_app set {column} = {column} || array_to_tsvector(%s::text[]) where id = %s"""


def add_skeletons(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        for column in ("title_words", "body_words"):
            cursor.execute(f"select id, tsvector_to_array({column}) from store_app where {column} is not null")
            for number, words in cursor.fetchall():
                if skeletons := sorted({skeleton for word in words if (skeleton := skeleton_of(word))}):
                    cursor.execute(ADD.format(column=column), [skeletons, number])


class Migration(migrations.Migration):
    dependencies = [("store", "0003_names_held")]

    operations = [
        migrations.CreateModel(
            name="Word",
            fields=[("word", models.CharField(max_length=60, primary_key=True, serialize=False))],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["word"], name="store_word_letters", opclasses=["gin_trgm_ops"]
                    )
                ]
            },
        ),
        migrations.RemoveIndex(model_name="app", name="store_title_letters"),
        migrations.RemoveField(model_name="app", name="title_folded"),
        # Rows last: PostgreSQL alters no table of which rows were changed in the same transaction.
        migrations.RunSQL(GATHER, migrations.RunSQL.noop),
        migrations.RunSQL(LIST, migrations.RunSQL.noop),
        migrations.RunPython(add_skeletons, migrations.RunPython.noop),
    ]
