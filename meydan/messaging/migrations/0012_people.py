import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0005_device_codes'),
        ('messaging', '0011_browser'),
    ]

    operations = [
        migrations.AddField(
            model_name='room',
            name='hides_members',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='Findable',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='accounts.person')),
                ('by_name', models.CharField(choices=[('city', 'everybody'), ('near', 'who shares a conversation, or is in a public one with them'), ('nobody', 'nobody')], default='near', max_length=10)),
                ('by_address', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='JoinLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(unique=True)),
                ('room', models.BigIntegerField(db_index=True)),
                ('maker', models.CharField(db_index=True, max_length=255)),
                ('made_at', models.DateTimeField(db_default=Now())),
                ('expires_at', models.DateTimeField()),
                ('uses', models.PositiveIntegerField(db_default=0, default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='messaging_joinlink_ends')],
            },
        ),
    ]
