import django_filters

from accounts.models import Role, User
from ipms.api.filters import ChoiceFilter, FlagFilter


class UserFilter(django_filters.FilterSet):
    role = ChoiceFilter(choices=Role.choices)
    is_active = FlagFilter("is_active")

    class Meta:
        model = User
        fields: list[str] = []
