from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0010_delayed'),
    ]

    operations = [
        migrations.AddField(
            model_name='device',
            name='browser',
            field=models.CharField(blank=True, db_default='', max_length=64),
        ),
    ]
