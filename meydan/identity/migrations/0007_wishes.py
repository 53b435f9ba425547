import django.contrib.postgres.fields
import django.db.models.deletion
import meydan.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0006_logout_uri'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Wish',
            fields=[
                ('id', models.UUIDField(default=meydan.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('deletion', 'deletion'), ('report', 'report')], max_length=8)),
                ('times', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None)),
                ('claims', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('words', models.CharField(blank=True, max_length=1000)),
                ('made_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(db_index=True, null=True)),
                ('answer', models.CharField(blank=True, max_length=7)),
                ('reply', models.CharField(blank=True, max_length=1000)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='identity.relyingparty')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('answered_at', None)), fields=('person', 'party', 'kind'), name='identity_one_wish_at_a_time')],
            },
        ),
    ]
