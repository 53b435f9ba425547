"""Each entry has a signature of its words, which the indexes by the list's orders hold beside its place
(docs/decisions/0080-signatures.md)."""

from typing import Any

from django.db import migrations, models

import meydan.store.models.app

# Two of 1,024 bits for each word, two for its beginning ("<libr"), and two more for a word of a name ("=library"): by
# SHA-256, which no new PostgreSQL will compute in another way, as it may its own hashes. What is stored must fit what
# is asked. Who asks may give such a mark itself; skeletons ("~...") have no beginning.
FUNCTION = """
create function store_signature(names text[], texts text[]) returns bit(1024)
language sql immutable parallel safe as $$
  select coalesce(
           bit_or(set_bit(set_bit(0::bit(1024), (get_byte(hash, 0) & 3) * 256 + get_byte(hash, 1), 1),
                          (get_byte(hash, 2) & 3) * 256 + get_byte(hash, 3), 1)),
           0::bit(1024))
    from (select sha256(convert_to(mark, 'UTF8')) as hash
            from (select text from unnest(texts) as text
                  union select '<' || left(text, 4) from unnest(texts) as text
                         where length(text) >= 4 and text !~ '^[<~]'
                  union select '=' || name from unnest(names) as name) as marks (mark)) as hashes
$$
"""
NONE = "drop function store_signature(text[], text[])"
ORDERS = {"trend": "store_trend", "published_at": "store_newest", "downloads": "store_downloads"}


def _index(column: str, name: str, **more: Any) -> models.Index:
    return models.Index(
        models.OrderBy(models.F(column), descending=True),
        models.OrderBy(models.F("id"), descending=True),
        condition=models.Q(("state", "published")),
        name=name,
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0005_rows_whole")]

    operations = [
        migrations.RunSQL(FUNCTION, NONE),
        *(migrations.RemoveIndex(model_name="app", name=name) for name in ORDERS.values()),
        migrations.AddField(
            model_name="app",
            name="signature",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.Func("title_words", function="tsvector_to_array"),
                    models.Func("body_words", function="tsvector_to_array"),
                    function="store_signature",
                ),
                output_field=meydan.store.models.app.Signature(),
            ),
        ),
        *(
            migrations.AddIndex(model_name="app", index=_index(column, name, include=["signature"]))
            for column, name in ORDERS.items()
        ),
    ]
