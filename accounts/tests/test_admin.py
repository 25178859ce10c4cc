import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts import sessions
from accounts.models import AuditEntry, TokenFamily, User
from accounts.tests.factories import UserFactory
from ipms.testing.back_office import enter, form, messages, press, send

pytestmark = pytest.mark.django_db

USERS = reverse("admin:accounts_user_changelist")
NEW = reverse("admin:accounts_user_add")
GOOD = "wet-Harbour-29"


def page(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def action(user, name):
    return reverse("admin:accounts_user_action", args=[user.pk, name])


def test_a_new_user_has_the_rights_of_the_role(admin):
    send(
        enter(admin),
        NEW,
        email="Kofi@example.com",
        username="kofi",
        role="manager",
        password=GOOD,
        password_again=GOOD,
    )

    kofi = User.objects.get(username="kofi")
    assert kofi.check_password(GOOD)
    assert kofi.has_perm("procurement.approve_purchaseorder")
    assert [group.name for group in kofi.groups.all()] == ["manager"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        pytest.param({"password": "short", "password_again": "short"}, "password", id="a weak password"),
        pytest.param({"password_again": "wet-Harbour-30"}, "password_again", id="two that differ"),
        pytest.param({"email": "AMA@example.com"}, "__all__", id="an email address that is taken"),
    ],
)
def test_what_cannot_be_taken_is_told_in_the_form(admin, typed, field):
    UserFactory(email="ama@example.com")
    filled = {"email": "kofi@example.com", "username": "kofi", "password": GOOD, "password_again": GOOD}

    answer = send(enter(admin), NEW, **{**filled, **typed})

    assert answer.context["adminform"].form.errors[field]
    assert not User.objects.filter(username="kofi").exists()


def test_another_role_brings_other_rights(admin):
    kofi = UserFactory()

    send(enter(admin), page(kofi), role="manager")

    kofi = User.objects.get(pk=kofi.pk)
    assert [group.name for group in kofi.groups.all()] == ["manager"]


def test_the_last_administrator_stays_one(admin):
    answer = send(enter(admin), page(admin), role="staff")

    admin.refresh_from_db()
    assert admin.role == "admin"
    assert "last active administrator" in answer.content.decode()


def test_a_user_is_deactivated_with_all_logins_and_comes_back(admin):
    kofi = UserFactory()
    sessions.start(kofi)
    client = enter(admin)

    send(client, action(kofi, "deactivate"))

    kofi.refresh_from_db()
    assert not kofi.is_active
    assert TokenFamily.objects.get(user=kofi).revoked_at

    press(client, page(kofi), "/do/reactivate/")
    kofi.refresh_from_db()
    assert kofi.is_active


def test_nobody_deactivates_the_own_account(admin):
    UserFactory(admin=True)

    answer = enter(admin).post(action(admin, "deactivate"), {}, follow=True)

    admin.refresh_from_db()
    assert admin.is_active
    assert "not possible now" in messages(answer)[0]


def test_nobody_is_deleted(admin):
    kofi = UserFactory()

    answer = enter(admin).post(reverse("admin:accounts_user_delete", args=[kofi.pk]), {"post": "yes"})

    assert answer.status_code == 403


def test_a_password_that_is_set_ends_the_logins_of_the_old_one(admin):
    kofi = UserFactory()
    sessions.start(kofi)

    send(enter(admin), action(kofi, "set-password"), password=GOOD, password_again=GOOD)

    kofi.refresh_from_db()
    assert kofi.check_password(GOOD)
    assert TokenFamily.objects.get(user=kofi).revoked_at
    assert AuditEntry.objects.get(event="password-set").actor == admin


def test_a_weak_password_is_not_set(admin):
    kofi = UserFactory()

    answer = send(enter(admin), action(kofi, "set-password"), password="password", password_again="password")

    assert answer.context["form"].errors["password"]
    kofi.refresh_from_db()
    assert kofi.check_password("correct-Horse-7")


def test_changing_the_own_password_ends_the_logins_elsewhere_and_not_this_one(staff):
    sessions.start(staff)
    client = enter(staff)

    send(
        client,
        reverse("admin:password_change"),
        old_password="correct-Horse-7",
        new_password1=GOOD,
        new_password2=GOOD,
    )

    staff.refresh_from_db()
    assert staff.check_password(GOOD)
    assert TokenFamily.objects.get(user=staff).revoked_at
    assert client.get(reverse("admin:index")).status_code == 200


def test_the_login_of_one_device_is_ended_without_the_others(admin):
    kofi = UserFactory()
    sessions.start(kofi)
    sessions.start(kofi)
    lost, kept = TokenFamily.objects.order_by("created_at")

    send(enter(admin), reverse("admin:accounts_tokenfamily_action", args=[lost.pk, "revoke"]))

    lost.refresh_from_db()
    kept.refresh_from_db()
    assert lost.revoked_at
    assert kept.revoked_at is None


def test_the_groups_of_the_roles_cannot_be_renamed_or_deleted(admin):
    group = Group.objects.get(name="manager")
    client = enter(admin)
    url = reverse("admin:auth_group_change", args=[group.pk])

    assert "name" not in form(client.get(url))
    assert (
        client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403
    )


@pytest.mark.parametrize("who", ["staff", "manager"])
def test_only_administrators_see_users(request, who):
    client = enter(request.getfixturevalue(who))

    for name in ("user", "tokenfamily", "auditentry"):
        assert client.get(reverse(f"admin:accounts_{name}_changelist")).status_code == 403
