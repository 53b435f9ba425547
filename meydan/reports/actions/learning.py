"""The city's machinery learns what words are about."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.facts import record
from meydan.reports.facts import CategorizerTrained, ExamplesSet
from meydan.reports.models import Categorizer, Category, Example
from meydan.reports.policies import may_arrange
from meydan.reports.queries import balance, gather_material


@action(policy=may_arrange)
def set_examples(actor: Actor, examples: Sequence[tuple[str, str, str]]) -> None:
    """Set the sentences, each as (category's code, language, text), of all categories that occur among them; what
    there was of these goes. `Invalid` names codes that no category has."""
    codes = {code for code, _language, _text in examples}
    unknown = codes - set(Category.objects.filter(pk__in=codes).values_list("pk", flat=True))
    if unknown or not codes:
        raise Invalid(_("There is no category %(codes)s.") % {"codes": ", ".join(sorted(unknown)) or "–"})
    Example.objects.filter(category__in=codes).delete()
    Example.objects.bulk_create(
        [Example(category_id=code, language=language, text=text) for code, language, text in examples], batch_size=500
    )
    record(ExamplesSet(subject="categorizer", categories=len(codes), examples=len(examples)))


@action(policy=may_arrange)
def learn_categories(actor: Actor) -> Categorizer:
    """Train the model that suggests a category anew: from the categories' own words and the city's solved reports. It
    takes the place of the one before. Raises `Invalid` in a city without categories."""
    material = gather_material(actor)
    if not material.described:
        raise Invalid
    model = material.train()
    reports = len(balance(material.reports))
    made = Categorizer.objects.create(made_at=now(), pack=material.pack, reports=reports, stored=model.dump())
    Categorizer.objects.filter(pk__lt=made.pk).delete()
    record(CategorizerTrained(subject="categorizer", categories=len(model.categories), reports=reports))
    return made
