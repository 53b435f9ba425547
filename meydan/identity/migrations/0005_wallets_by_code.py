import django.db.models.deletion
import meydan.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0004_sign_in'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='wallet',
            name='identified',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='WalletCode',
            fields=[
                ('id', models.UUIDField(default=meydan.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('code', models.BinaryField(max_length=32, unique=True)),
                ('client', models.CharField(max_length=200)),
                ('redirect', models.CharField(max_length=500)),
                ('challenge', models.CharField(max_length=43)),
                ('jkt', models.CharField(blank=True, max_length=43)),
                ('identified', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField(db_index=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('wallet', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.wallet')),
            ],
        ),
    ]
