"""Old reports become anonymous; joined ones are closed like others, so that their photos' originals are forgotten too."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_department_language'),
        ('kernel', '0006_quiet_jobs'),
        ('reports', '0011_examples'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='anonymous_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(models.F('closed_at'), condition=models.Q(('anonymous_at__isnull', True), ('closed_at__isnull', False)), name='reports_to_anonymise'),
        ),
        migrations.RunSQL(
            "update reports_report set closed_at = updated_at where state = 'merged' and closed_at is null",
            migrations.RunSQL.noop,
        ),
    ]
