"""The city's machinery learns what words are about."""

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.facts import record
from meydan.reports.facts import CategorizerTrained
from meydan.reports.models import Categorizer
from meydan.reports.policies import may_arrange
from meydan.reports.queries import balance, gather_material


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
