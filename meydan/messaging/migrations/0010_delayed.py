from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0009_presence'),
    ]

    operations = [
        migrations.CreateModel(
            name='DelayedEvent',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('person', models.CharField(db_index=True, max_length=255)),
                ('device', models.BigIntegerField()),
                ('txn', models.CharField(max_length=500, null=True)),
                ('room', models.BigIntegerField()),
                ('shard', models.SmallIntegerField()),
                ('pos', models.BigIntegerField()),
                ('type', models.CharField(max_length=255)),
                ('state_key', models.CharField(max_length=255, null=True)),
                ('content', models.BinaryField()),
                ('delay', models.BigIntegerField()),
                ('running_since', models.BigIntegerField()),
                ('send_at', models.BigIntegerField()),
                ('sending', models.BooleanField(db_default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['shard', 'send_at'], name='messaging_delayed_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('txn__isnull', False)), fields=('device', 'txn'), name='messaging_delayed_once')],
            },
        ),
    ]
