from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0006_inbox'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdentityReset',
            fields=[
                ('person', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('until', models.DateTimeField()),
            ],
        ),
    ]
