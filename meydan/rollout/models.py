"""From which day on a district is open. A district without a row of its own follows the larger one that holds it; where
no row says anything, it is open: a city that opens everything at once needs none."""

from datetime import date
from typing import Annotated, Literal

from django.db import models
from pydantic import Field

from meydan.kernel.city import PackPart


class Opening(models.Model):
    """`opens_on`: a day of the city's; before it the district is closed, as it is without one (None)."""

    district = models.OneToOneField(
        "kernel.District", on_delete=models.CASCADE, primary_key=True, related_name="+", db_index=False
    )
    opens_on = models.DateField(null=True)
    set_at = models.DateTimeField()
    announced = models.BooleanField(default=False)  # whether those who watch it were told that it is open

    def __str__(self) -> str:
        return f"{self.district_id}: {self.opens_on}"


class RolloutRules(PackPart):
    """`[rules.rollout]` of a pack. `opens`: district -> the day from which it is open, or "later": for a new city's
    districts alone; afterwards administrators decide."""

    opens: dict[Annotated[str, Field(max_length=40)], date | Literal["later"]] = Field({}, max_length=1000)
