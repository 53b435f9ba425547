import django.db.models.deletion
import django.utils.timezone
import meydan.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0007_wishes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='identity',
            name='checked_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='identity',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['checked_at'], name='identity_to_recheck'),
        ),
        migrations.AlterField(
            model_name='issuerkey',
            name='use',
            field=models.CharField(choices=[('root', 'root'), ('credentials', 'credentials'), ('party', 'party'), ('sign_in', 'sign_in'), ('clock', 'clock')], max_length=11),
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.UUIDField(default=meydan.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('code', models.BinaryField(max_length=32, unique=True)),
                ('locked_title', models.TextField(blank=True)),
                ('locked_name', models.TextField(blank=True)),
                ('locked_body', models.BinaryField(null=True)),
                ('shows_name', models.BooleanField()),
                ('pages', models.PositiveSmallIntegerField()),
                ('before', models.BinaryField(max_length=32)),
                ('after', models.BinaryField(max_length=32, null=True, unique=True)),
                ('level', models.CharField(blank=True, max_length=10)),
                ('made_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(null=True)),
                ('disowned_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-made_at'], name='identity_signatures_of'), models.Index(condition=models.Q(('locked_body__isnull', False)), fields=['made_at'], name='identity_files_kept')],
            },
        ),
    ]
