"""Figures: the tally, its triggers, and indexes for a city with ten million reports."""

import django.contrib.postgres.indexes
import meydan.kernel.places
from django.db import migrations, models


# What counts of a report stands in a change: minus the old, plus the new. A move takes the report's opinions along.
TRIGGERS = """
create function reports_note_change() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        insert into reports_change (sign, department, team, district, category, state, public, h3_9, filed_at,
            answered_at, closed_at, confirmed_at, reopened_at, due_on, paused_on)
        values (-1, old.department_id, old.team_id, old.district_id, old.category_id, old.state, old.public, old.h3_9,
            old.filed_at, old.answered_at, old.closed_at, old.confirmed_at, old.reopened_at, old.due_on, old.paused_on);
    end if;
    if tg_op <> 'DELETE' then
        insert into reports_change (sign, department, team, district, category, state, public, h3_9, filed_at,
            answered_at, closed_at, confirmed_at, reopened_at, due_on, paused_on)
        values (1, new.department_id, new.team_id, new.district_id, new.category_id, new.state, new.public, new.h3_9,
            new.filed_at, new.answered_at, new.closed_at, new.confirmed_at, new.reopened_at, new.due_on, new.paused_on);
    end if;
    if tg_op = 'UPDATE' and (old.department_id, old.team_id, old.district_id, old.category_id)
            is distinct from (new.department_id, new.team_id, new.district_id, new.category_id) then
        insert into reports_change (sign, department, team, district, category, said_at, content)
        select said.sign, said.department, said.team, said.district, said.category, opinion.at, opinion.content
          from reports_opinion opinion
          cross join (values (-1, old.department_id, old.team_id, old.district_id, old.category_id),
                             (1, new.department_id, new.team_id, new.district_id, new.category_id))
                  as said (sign, department, team, district, category)
         where opinion.report_id = new.number and opinion.voice = 'reporter' and opinion.content is not null;
    end if;
    return null;
end $$;

create function reports_note_opinion() returns trigger language plpgsql as $$
begin
    insert into reports_change (sign, department, team, district, category, said_at, content)
    select said.sign, report.department_id, report.team_id, report.district_id, report.category_id, said.at, said.content
      from (select -1 as sign, old.report_id, old.voice, old.at, old.content where tg_op <> 'INSERT'
             union all
            select 1, new.report_id, new.voice, new.at, new.content where tg_op <> 'DELETE') said
      join reports_report report on report.number = said.report_id
     where said.voice = 'reporter' and said.content is not null;
    return null;
end $$;

create trigger reports_note_change after insert or delete on reports_report
    for each row execute function reports_note_change();
create trigger reports_note_update after update on reports_report for each row when (
    (old.department_id, old.team_id, old.district_id, old.category_id, old.state, old.public, old.h3_9, old.filed_at,
     old.answered_at, old.closed_at, old.confirmed_at, old.reopened_at, old.due_on, old.paused_on)
    is distinct from
    (new.department_id, new.team_id, new.district_id, new.category_id, new.state, new.public, new.h3_9, new.filed_at,
     new.answered_at, new.closed_at, new.confirmed_at, new.reopened_at, new.due_on, new.paused_on))
    execute function reports_note_change();
create trigger reports_note_opinion after insert or update or delete on reports_opinion
    for each row execute function reports_note_opinion();

alter table reports_change set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
alter table reports_tally set (fillfactor = 80);
alter table reports_cell_tally set (fillfactor = 80);
"""
WITHOUT = """
drop function reports_note_change() cascade;
drop function reports_note_opinion() cascade;
"""
# Reports that are here already count as changes, which the worker folds as it folds all others.
COUNT = """
update reports_report report set reopened_at = reopened.at
  from (select report_id, max(at) as at from reports_entry where kind = 'reopened' group by 1) reopened
 where reopened.report_id = report.number;
insert into reports_change (sign, department, team, district, category, state, public, h3_9, filed_at,
    answered_at, closed_at, confirmed_at, reopened_at, due_on, paused_on)
select 1, department_id, team_id, district_id, category_id, state, public, h3_9, filed_at,
    answered_at, closed_at, confirmed_at, reopened_at, due_on, paused_on from reports_report;
insert into reports_change (sign, department, team, district, category, said_at, content)
select 1, report.department_id, report.team_id, report.district_id, report.category_id, opinion.at, opinion.content
  from reports_opinion opinion join reports_report report on report.number = opinion.report_id
 where opinion.voice = 'reporter' and opinion.content is not null;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0009_desk'),
    ]

    operations = [
        migrations.CreateModel(
            name='CellTally',
            fields=[
                ('pk', models.CompositePrimaryKey('resolution', 'category', 'cell', 'state', blank=True, editable=False, primary_key=True, serialize=False)),
                ('resolution', models.SmallIntegerField()),
                ('category', models.CharField(max_length=60)),
                ('cell', models.BigIntegerField()),
                ('state', models.CharField(choices=[('submitted', 'Sent'), ('accepted', 'In progress'), ('asked', 'Waiting for an answer'), ('moved', 'Passed on'), ('forwarded', 'With another authority'), ('solved', 'Solved, to be confirmed'), ('confirmed', 'Confirmed as solved'), ('declined', 'Declined'), ('reopened', 'Reopened'), ('withdrawn', 'Withdrawn'), ('merged', 'Joined with another report')], max_length=12)),
                ('count', models.BigIntegerField()),
            ],
            options={
                'db_table': 'reports_cell_tally',
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('sign', models.SmallIntegerField()),
                ('department', models.CharField(max_length=60, null=True)),
                ('team', models.CharField(max_length=60, null=True)),
                ('district', models.CharField(max_length=40, null=True)),
                ('category', models.CharField(max_length=60)),
                ('state', models.CharField(max_length=12, null=True)),
                ('public', models.BooleanField(null=True)),
                ('h3_9', models.BigIntegerField(null=True)),
                ('filed_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('reopened_at', models.DateTimeField(null=True)),
                ('due_on', models.DateField(null=True)),
                ('paused_on', models.DateField(null=True)),
                ('said_at', models.DateTimeField(null=True)),
                ('content', models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                'db_table': 'reports_change',
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('pk', models.CompositePrimaryKey('grain', 'dimension', 'starts_on', 'code', 'measure', blank=True, editable=False, primary_key=True, serialize=False)),
                ('grain', models.SmallIntegerField(choices=[(0, 'Now'), (1, 'Day'), (2, 'Week'), (3, 'Month'), (4, 'Quarter'), (5, 'Year'), (6, 'Due Day'), (7, 'Due Month'), (8, 'Due Year')])),
                ('starts_on', models.DateField()),
                ('dimension', models.SmallIntegerField(choices=[(0, 'All'), (1, 'Department'), (2, 'Team'), (3, 'District'), (4, 'Category')])),
                ('code', models.CharField(max_length=60)),
                ('measure', models.SmallIntegerField()),
                ('count', models.BigIntegerField()),
            ],
            options={
                'db_table': 'reports_tally',
            },
        ),
        migrations.RemoveIndex(
            model_name='report',
            name='reports_confirmed',
        ),
        migrations.RemoveIndex(
            model_name='report',
            name='reports_answered',
        ),
        migrations.RemoveIndex(
            model_name='report',
            name='reports_place',
        ),
        migrations.AddField(
            model_name='report',
            name='reopened_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='photo',
            index=models.Index(condition=models.Q(('kind', 'after'), ('looking', 'checked'), ('public', True)), fields=['id'], name='reports_photos_of_repairs'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(models.F('due_on'), models.F('number'), condition=models.Q(('state__in', ('submitted', 'accepted', 'asked', 'moved', 'forwarded', 'reopened'))), name='reports_work_all'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(models.F('category'), models.F('due_on'), models.F('number'), condition=models.Q(('state__in', ('submitted', 'accepted', 'asked', 'moved', 'forwarded', 'reopened'))), name='reports_work_of_category'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(models.F('district'), models.F('due_on'), models.F('number'), condition=models.Q(('state__in', ('submitted', 'accepted', 'asked', 'moved', 'forwarded', 'reopened'))), name='reports_work_of_district'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=django.contrib.postgres.indexes.GistIndex(meydan.kernel.places._Point(models.F('lon'), models.F('lat')), condition=models.Q(('public', True)), include=('lat', 'lon', 'number', 'state', 'category_id', 'due_on', 'paused_on'), name='reports_place'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=django.contrib.postgres.indexes.GistIndex(meydan.kernel.places._Point(models.F('lon'), models.F('lat')), condition=models.Q(('public', True), ('state__in', ('submitted', 'accepted', 'asked', 'moved', 'forwarded', 'reopened'))), include=('lat', 'lon', 'number', 'category_id'), name='reports_place_open'),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, WITHOUT),
    ]
