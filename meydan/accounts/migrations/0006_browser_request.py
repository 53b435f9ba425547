import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0005_device_codes'),
    ]

    operations = [
        migrations.CreateModel(
            name='BrowserRequest',
            fields=[
                ('digest', models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ('user_digest', models.BinaryField(max_length=32, unique=True)),
                ('agent', models.CharField(blank=True, max_length=300)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('answer', models.CharField(blank=True, max_length=3)),
                ('used_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
