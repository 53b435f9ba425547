"""Reports are vacuumed after every fiftieth change instead of every fifth: what lies near a place is read from an index
alone, and only where the table's pages are known to hold nothing that is gone."""

from django.db import migrations

SET = """alter table reports_report set (autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"""
RESET = """alter table reports_report reset (autovacuum_vacuum_scale_factor,
    autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor)"""


class Migration(migrations.Migration):

    dependencies = [('reports', '0012_anonymity')]

    operations = [migrations.RunSQL(SET, RESET)]
