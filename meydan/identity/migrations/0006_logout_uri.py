from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0005_wallets_by_code'),
    ]

    operations = [
        migrations.AddField(
            model_name='relyingparty',
            name='logout_uri',
            field=models.CharField(blank=True, max_length=500),
        ),
    ]
