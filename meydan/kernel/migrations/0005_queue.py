from django.db import migrations

# Jobs come and go by the thousand. By its habit autovacuum waits for a fifth of a table to be dead, and after a crash it
# has forgotten how much is: the queue's indexes then grow while it is short, and to fetch a job takes ever longer.
_SOON = ", ".join(
    f"autovacuum_{what}_{measure} = {value}"
    for what in ("vacuum", "analyze")
    for measure, value in (("scale_factor", 0), ("threshold", 1000))
)
_TABLES = ("procrastinate_jobs", "procrastinate_events")
_PARAMETERS = "autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, autovacuum_analyze_scale_factor, autovacuum_analyze_threshold"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_files"), ("procrastinate", "0041_post_retry_failed_job")]
    operations = [
        migrations.RunSQL(f"alter table {table} set ({_SOON})", f"alter table {table} reset ({_PARAMETERS})")
        for table in _TABLES
    ]
