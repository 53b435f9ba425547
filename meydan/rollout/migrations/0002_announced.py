"""Those who watch a district are told when it opens; of those that are open already nobody is told now."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rollout", "0001_initial")]

    operations = [
        migrations.AddField("opening", "announced", models.BooleanField(default=False)),
        migrations.RunSQL(
            "update rollout_opening set announced = true where opens_on <= current_date", migrations.RunSQL.noop
        ),
    ]
