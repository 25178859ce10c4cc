import factory

from suppliers.models import Supplier


class SupplierFactory(factory.django.DjangoModelFactory):
    code = factory.Sequence("SUPPLIER-{}".format)
    name = factory.Sequence("Supplier {}".format)
    currency = "USD"

    class Meta:
        model = Supplier
