from django.utils.translation import gettext_lazy as _
from django_countries import countries
from rest_framework import serializers

from ipms.api.serializers import RecordSerializer
from suppliers.models import Supplier


class CountryField(serializers.CharField):
    """An ISO 3166 alpha-2 code, taken without regard to case; empty where it is not known."""

    default_error_messages = {"unknown": _("Not an ISO 3166 code of two letters, such as RW.")}

    def to_internal_value(self, data):
        code = super().to_internal_value(data).upper()
        if code and code not in dict(countries):
            self.fail("unknown")
        return code


class SupplierSerializer(RecordSerializer):
    """Who sells to us."""

    country = CountryField(required=False, allow_blank=True, help_text=_("ISO 3166 alpha-2, such as RW."))

    class Meta:
        model = Supplier
        fields = [
            "id",
            "code",
            "name",
            "email",
            "phone",
            "contact_person",
            "address",
            "city",
            "country",
            "tax_id",
            "currency",
            "payment_terms_days",
            "lead_time_days",
            "is_active",
            "on_hold",
            "notes",
            "created_at",
            "updated_at",
        ]
        extra_kwargs = {
            "code": {"required": False, "allow_blank": True},
            "currency": {"required": False},
        }
