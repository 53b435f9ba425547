"""The seed: a whole city through the real actions, once however often it runs."""

import pytest

from meydan.accounts.public import Department, current_charter
from meydan.kernel.actor import VISITOR
from meydan.kernel.config import Registry, config
from meydan.kernel.errors import Conflict
from meydan.kernel.models import District, FactRecord
from meydan.reports import queries
from meydan.reports.models import Category, Entry, Example, Photo, Report, RoutingRule
from meydan.reports.public import public_figures
from meydan.site import seed as seed_module
from meydan.site import seed_identity
from meydan.site.packs import load_pack
from meydan.site.seed import seed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", ["casablanca", "mashhad", "dushanbe"])
def test_a_demo_city_is_whole(code: str) -> None:
    seed(code, demo=True)
    pack = load_pack(code)
    assert District.objects.count() == len(pack.districts["features"])
    assert Department.objects.count() == len(pack.departments)
    assert set(Department.objects.values_list("language", flat=True)) == {pack.city.languages[0]}
    assert Category.objects.count() == len(pack.categories)
    assert Example.objects.count() == len(pack.examples) > 500
    assert RoutingRule.objects.count() == len(pack.rules)
    assert current_charter() is not None
    reports = list(Report.objects.order_by("number"))
    assert [report.state for report in reports] == [sample.outcome for sample in pack.samples]
    assert [report.address for report in reports] == [sample.address for sample in pack.samples]
    assert all(report.department_id and report.district_id for report in reports)
    assert not Entry.objects.exclude(kind="routed").filter(side="system").exists()
    assert Photo.objects.filter(kind="before").exists()
    assert Photo.objects.filter(kind="after").exists()
    queries.forget_figures()  # remembered for some seconds, perhaps from another test's city
    assert public_figures(VISITOR).confirmed_this_week >= 1


def test_twice_is_once_and_what_clerks_changed_stays() -> None:
    seed("dushanbe", demo=True)
    Category.objects.filter(pk="bins").update(term_days=9)
    before = FactRecord.objects.count()
    seed("dushanbe", demo=True)
    assert FactRecord.objects.count() == before
    assert Category.objects.get(pk="bins").term_days == 9


def test_a_city_without_demo_has_neither_people_nor_reports(django_user_model: type) -> None:
    seed("mashhad", demo=False)
    assert Category.objects.exists()
    assert not Report.objects.exists()
    assert not django_user_model._default_manager.exists()  # type: ignore[attr-defined]  # every model has it


@pytest.mark.long
def test_a_seed_that_was_interrupted_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise Conflict

    with monkeypatch.context() as patch:
        patch.setattr(seed_module, "confirm_solution", fail)
        with pytest.raises(Conflict):
            seed("dushanbe", demo=True)
    assert not Report.objects.exists(), "a case is played whole or not at all"
    seed("dushanbe", demo=True)
    assert Report.objects.count() == len(load_pack("dushanbe").samples)


def test_a_registry_that_was_connected_is_not_asked_about_invented_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected = config().model_copy(update={"registry": Registry(kind="http", url="http://127.0.0.1:9/people")})
    monkeypatch.setattr(seed_identity, "config", lambda: connected)
    seed_identity.seed_identity(load_pack("casablanca"))
    assert not FactRecord.objects.filter(name__startswith="identity.").exists()
