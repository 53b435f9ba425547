"""Fills a new city from its pack, through the real actions, and the demo's people and cases where one is asked for.

What is there already stays as it is: the city's clerks may have changed it. So a seed that was interrupted goes on
where it ended, and a second one changes nothing.
"""

import io
from collections.abc import Mapping
from dataclasses import replace
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from meydan.accounts.public import (
    Person,
    actor_for,
    current_charter,
    keep_department,
    list_departments,
    open_demo_accounts,
    publish_charter,
)
from meydan.club.public import has_chosen, list_badges, set_badge, show_badges
from meydan.kernel.actor import SYSTEM, VISITOR, Actor
from meydan.kernel.files import store_image
from meydan.kernel.models import District
from meydan.kernel.places import Point, upsert_districts
from meydan.messaging.public import STICKERS, keep_stickers
from meydan.reports.public import (
    Report,
    State,
    accept_report,
    ask_reporter,
    check_photo,
    close_as_solved,
    confirm_solution,
    decline_report,
    file_report,
    find_route,
    keep_demo_authority,
    keep_demo_key,
    list_all_replies,
    list_categories,
    list_teams,
    list_waiting,
    list_without_examples,
    mark_photo,
    reopen_report,
    route_report,
    set_category,
    set_examples,
    set_reply,
    set_rule,
    set_team,
)
from meydan.rollout.public import set_opening
from meydan.site.drawings import draw_scene
from meydan.site.packs import CHARTER_VERSION, Pack, SamplePart, load_pack
from meydan.site.seed_identity import seed_identity
from meydan.site.seed_press import seed_press
from meydan.site.seed_store import seed_app_categories, seed_apps
from meydan.site.sticker_drawings import draw_sticker

OFFICER_DEPARTMENT = "roads"


def seed(code: str, *, demo: bool) -> None:
    """Fill the city `code`. Raises `PackError` with every problem when its pack cannot be used."""
    pack = load_pack(code)
    seed_districts(pack)
    seed_departments(pack)
    seed_teams(pack)
    seed_categories(pack)
    seed_examples(pack)
    seed_replies(pack)
    seed_badges(pack)
    seed_app_categories(pack)
    keep_stickers(SYSTEM, STICKERS, draw_sticker)
    if current_charter() is None:
        publish_charter(SYSTEM, version=CHARTER_VERSION, text=pack.charter)
    if demo:
        seed_demo(pack)


def seed_districts(pack: Pack) -> None:
    """The pack's districts, with their own positions in the file's order, those closed that it opens later; what is
    here stays."""
    known = set(District.objects.values_list("code", flat=True))
    fresh = [one for one in pack.districts["features"] if str(one["properties"]["code"]) not in known]
    if fresh:
        upsert_districts({"type": "FeatureCollection", "features": fresh})
    for code, day in pack.openings.items():
        if code not in known:
            set_opening(SYSTEM, code, opens_on=day)


def seed_departments(pack: Pack) -> None:
    """The departments that are not here yet."""
    known = {department.code for department in list_departments()}
    for part in pack.departments:
        if part.code not in known:
            keep_department(SYSTEM, code=part.code, name=part.name, email=part.email, language=pack.city.languages[0])


def seed_replies(pack: Pack) -> None:
    """The ready-made words that are not here yet."""
    known = {reply.code for reply in list_all_replies(SYSTEM)}
    for part in pack.replies:
        if part.code not in known:
            set_reply(SYSTEM, **part.model_dump())


def seed_badges(pack: Pack) -> None:
    """The badges that are not here yet, with their rules."""
    known = {badge.pk for badge in list_badges(SYSTEM)}
    for position, part in enumerate(pack.badges):
        if part.code not in known:
            set_badge(SYSTEM, **part.model_dump(), position=position)


def seed_teams(pack: Pack) -> None:
    """The offices that are not here yet, those above before those below."""
    known = {team.code for team in list_teams(SYSTEM)}
    waiting = [part for part in pack.teams if part.code not in known]
    while waiting:
        part = next(one for one in waiting if one.parent is None or one.parent in known)
        set_team(SYSTEM, code=part.code, name=part.name, department=part.department, parent=part.parent)
        known.add(part.code)
        waiting.remove(part)


def seed_categories(pack: Pack) -> None:
    """The categories that are not here yet, and with a city's first categories its routing rules."""
    known = {category.code for category in list_categories(SYSTEM)}
    for order, part in enumerate(pack.categories):
        if part.code in known:
            continue
        set_category(
            SYSTEM,
            **part.model_dump(exclude={"group", "keywords", "question"}),
            group=pack.groups[part.group].name,
            questions=[one.model_dump() for one in part.question],
            keywords={language: list(words) for language, words in part.keywords.items()},
            order=order,
        )
    if not known:
        for rule in pack.rules:
            set_rule(
                SYSTEM,
                category=rule.category,
                district=rule.district,
                department=rule.department,
                team=rule.team,
                when=rule.when,
            )


def seed_examples(pack: Pack) -> None:
    """The pack's sentences, for the categories that have none yet."""
    fresh = [one for one in pack.examples if one.category in list_without_examples(SYSTEM)]
    if fresh:
        set_examples(SYSTEM, [(one.category, one.language, one.text) for one in fresh])


# The demo


def seed_demo(pack: Pack) -> None:
    """The sign-ins by role, the demo's key for programs, and the sample reports, each as far as it has come."""
    people = open_demo_accounts(
        officer_department=OFFICER_DEPARTMENT, language=pack.city.languages[0], names=dict(pack.people)
    )
    if not has_chosen(citizen := actor_for(people["citizen"])):
        show_badges(citizen, shown=True)
    keep_demo_key(SYSTEM)
    keep_demo_authority(SYSTEM)
    seat_managers(pack, people)
    seed_press(pack.code, people)
    seed_apps(pack, people)
    seed_identity(pack)
    for number, sample in enumerate(pack.samples, 1):
        token = uuid5(NAMESPACE_URL, f"meydan:demo:{pack.code}:{number}")
        if not Report.objects.filter(form_token=token).exists():
            with transaction.atomic():
                play(pack, people, sample, token)


def seat_managers(pack: Pack, people: Mapping[str, Person]) -> None:
    """The demo's people as managers of the offices that the pack gives them; an office with a manager keeps them."""
    held = {team.code for team in list_teams(SYSTEM) if team.holder_id}
    for part in pack.teams:
        if part.holder and part.code not in held:
            set_team(
                SYSTEM,
                **part.model_dump(include={"code", "name", "department", "parent", "holder_public"}),
                holder=people[part.holder].pk,
            )


def play(pack: Pack, people: Mapping[str, Person], sample: SamplePart, token: UUID) -> None:
    """File one sample and take its case as far as the pack says."""
    reporter = _reporter(people, sample)
    report = file_report(
        reporter,
        category=sample.category,
        description=sample.text,
        point=Point(sample.lat, sample.lon),
        address=sample.address,
        photos=_drawn(sample, mended=False) if sample.photos else (),
        form_token=token,
    )
    route = find_route(report.category_id, report.district_id, report.filed_at)
    department = route.department or OFFICER_DEPARTMENT
    route_report(SYSTEM, report.number, department=department, team=route.team)
    officer = replace(actor_for(people["officer"]), departments=frozenset({department}), language=sample.language)
    if reporter.is_visitor:
        reporter = replace(reporter, case_keys=frozenset({report.reference}))
    follow(report.number, sample, officer, reporter)
    check_photos(actor_for(people["moderator"]), report)


def check_photos(moderator: Actor, report: Report) -> None:
    """The demo's photos are drawings, without a face to look for; a moderator publishes them as always."""
    for photo in list_waiting(moderator, report):
        mark_photo(SYSTEM, photo.pk, areas=())
        check_photo(moderator, photo.pk)


def follow(number: int, sample: SamplePart, officer: Actor, reporter: Actor) -> None:
    """What the department, and then the reporter, did."""
    outcome = State(sample.outcome)
    if outcome is State.DECLINED:
        decline_report(officer, number, text=sample.answer)
        return
    if outcome is not State.SUBMITTED:
        accept_report(officer, number)
    if outcome is State.ASKED:
        ask_reporter(officer, number, text=sample.answer)
    if outcome in (State.SOLVED, State.CONFIRMED, State.REOPENED):
        close_as_solved(officer, number, text=sample.answer, photos=_drawn(sample, mended=True))
    if outcome is State.CONFIRMED:
        confirm_solution(reporter, number, text=sample.reply)
    if outcome is State.REOPENED:
        reopen_report(reporter, number, text=sample.reply)


def _reporter(people: Mapping[str, Person], sample: SamplePart) -> Actor:
    actor = VISITOR if sample.by == "visitor" else actor_for(people[sample.by])
    return replace(actor, language=sample.language)


def _drawn(sample: SamplePart, *, mended: bool) -> list[str]:
    drawing = io.BytesIO(draw_scene(sample.category, mended=mended))
    return [store_image(drawing, purpose="report_photo").sha256]
