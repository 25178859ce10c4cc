import factory
from django.contrib.auth.models import Group

from accounts.models import Role, User


class UserFactory(factory.django.DjangoModelFactory):
    """A person with a role; `UserFactory(manager=True)` for a manager. The password is `correct-Horse-7`."""

    username = factory.Sequence("person{}".format)
    email = factory.Sequence("person{}@example.com".format)
    password = factory.django.Password("correct-Horse-7")
    first_name = "Ama"
    last_name = factory.Sequence("Mensah {}".format)
    role = Role.STAFF

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        manager = factory.Trait(role=Role.MANAGER)
        admin = factory.Trait(role=Role.ADMIN)

    @factory.post_generation
    def group(self, create, extracted, **kwargs):
        if create:
            self.groups.add(Group.objects.get(name=self.role))
