"""Photos wait for a look: what was shown until now is sealed, and comes back as somebody of the staff checks it."""

from django.db import migrations, models


SEAL = """
update reports_photo set original_id = coalesce(original_id, file_id), file_id = null, looking = 'new';
update reports_report set cover_id = null where cover_id is not null;
"""
# As enqueued by attach_photos: the worker looks at each, at its lowest priority. Without a worker's tables yet: nothing.
ENQUEUE = """
insert into procrastinate_jobs (queue_name, task_name, priority, args)
select 'photos', 'reports.look_at_photo', -10, jsonb_build_object('photo_id', id) from reports_photo where looking = 'new'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0006_categorizer'),
        ('procrastinate', '0041_post_retry_failed_job'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('filed', 'Report sent'), ('routed', 'Given to the responsible department'), ('accepted', 'Accepted'), ('asked', 'The city asked the reporter'), ('answered', 'The reporter answered'), ('moved', 'Passed on'), ('solved', 'The city says it is solved'), ('declined', 'Declined'), ('confirmed', 'The reporter confirms: solved'), ('reopened', 'The reporter reopened it'), ('withdrawn', 'The reporter withdrew it'), ('note', 'Internal note'), ('photo', 'Photo added'), ('kept', 'Photo kept from the public'), ('forwarded', 'Forwarded to another authority'), ('joined', 'Joined with another report'), ('split', 'Split in two'), ('assigned', 'Given to an officer'), ('escalated', 'No answer in time: told the next manager'), ('overdue', 'No answer in time: on the public list of overdue reports'), ('recategorised', 'The reporter chose another category'), ('changed', 'Changed'), ('hidden', 'Taken off the public pages'), ('shown', 'Public again')], max_length=16),
        ),
        migrations.RunSQL(SEAL, migrations.RunSQL.noop),
        migrations.RunSQL(ENQUEUE, migrations.RunSQL.noop),
    ]
