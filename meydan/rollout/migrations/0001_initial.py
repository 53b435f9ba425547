"""From which day on districts are open."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("kernel", "0006_quiet_jobs")]

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                (
                    "district",
                    models.OneToOneField(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="kernel.district",
                    ),
                ),
                ("opens_on", models.DateField(null=True)),
                ("set_at", models.DateTimeField()),
            ],
        ),
    ]
