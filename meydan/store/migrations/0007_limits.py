"""Up to which Android a version runs, and asks for a permission: F-Droid's index tells it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Versions that were taken before say nothing of either."""

    dependencies = [("store", "0006_signatures")]
    operations = [
        migrations.AddField("release", "max_sdk", models.PositiveIntegerField(null=True)),
        migrations.AddField("release", "permission_limits", models.JSONField(default=dict)),
    ]
