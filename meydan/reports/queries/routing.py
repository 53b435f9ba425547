"""Who is responsible for a report."""

from django.db.models import Q

from meydan.reports.models import Category, RoutingRule


def find_department(category: str, district: str | None) -> str | None:
    """Who is responsible: the most exact rule, else the category's own department, else nobody."""
    rules = RoutingRule.objects.filter(
        Q(category=category) | Q(category__isnull=True), Q(district=district) | Q(district__isnull=True)
    )
    exact = max(rules, key=lambda rule: (rule.category_id is not None, rule.district_id is not None), default=None)
    if exact is not None:
        return exact.department_id
    return Category.objects.values_list("department", flat=True).get(code=category)
