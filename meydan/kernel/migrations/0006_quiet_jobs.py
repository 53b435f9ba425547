"""Jobs wake the worker after the commit that brings them, not inside it (kernel/jobs.py).

procrastinate's trigger calls pg_notify for each row. A transaction that notifies holds a lock of the whole cluster
while its commit is flushed to the disk, so all others that do so wait for it: measured, a fifth of the commits remain.
"""

from django.db import migrations

QUIET = "drop trigger procrastinate_jobs_notify_queue_job_inserted_v1 on procrastinate_jobs"
LOUD = """
create trigger procrastinate_jobs_notify_queue_job_inserted_v1
    after insert on procrastinate_jobs
    for each row when ((new.status = 'todo'::procrastinate_job_status))
    execute procedure procrastinate_notify_queue_job_inserted_v1()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0005_queue'),
        ('procrastinate', '0041_post_retry_failed_job'),
    ]

    operations = [migrations.RunSQL(QUIET, LOUD)]
