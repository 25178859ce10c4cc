import django_filters

from accounts.models import User
from ipms.api.filters import ChoiceFilter, DayFilter, RecordFilter
from procurement.models import OrderStatus, PurchaseOrder
from suppliers.models import Supplier


class OrderFilter(django_filters.FilterSet):
    status = ChoiceFilter("status", choices=OrderStatus.choices)
    supplier = RecordFilter("supplier", queryset=Supplier.objects.all(), natural_key="code")
    created_by = RecordFilter("created_by", queryset=User.objects.all(), natural_key="email")
    date_from = DayFilter("created_at", since=True)
    date_to = DayFilter("created_at", until=True)

    class Meta:
        model = PurchaseOrder
        fields: list[str] = []
