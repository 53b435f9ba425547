"""People are told of events where they watch, and that a district is open."""

from django.db import migrations, models

KINDS = [
    ("reminder", "It is soon"),
    ("seat", "There is a seat for you"),
    ("moved", "It takes place at another time or place"),
    ("cancelled", "It does not take place"),
    ("answered", "Somebody has answered you"),
    ("reviewed", "Somebody has written about it"),
    ("identity", "About your identity"),
    ("event", "A new event where you watch"),
    ("opened", "This district is open now"),
]


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_identity")]

    operations = [
        migrations.AlterField("notice", "kind", models.CharField(max_length=10, choices=KINDS)),
    ]
