import threading

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection

from accounts import sessions, users
from accounts.errors import TokenInvalid
from accounts.models import AuditEntry, Role, User
from accounts.tests.factories import UserFactory
from ipms.errors import InUse, InvalidInput

pytestmark = pytest.mark.django_db

KOFI = {"username": "kofi", "email": "kofi@example.com", "password": "correct-Horse-7"}


def roles_of(user):
    return sorted(user.groups.values_list("name", flat=True))


class TestRegister:
    def test_user_gets_the_rights_of_the_role(self):
        kofi = users.register(**KOFI, role="manager")

        assert roles_of(kofi) == ["manager"]
        assert kofi.has_perm("inventory.add_item")
        assert not kofi.has_perm("accounts.view_user")

    def test_role_is_staff_unless_said_otherwise(self):
        assert roles_of(users.register(**KOFI)) == ["staff"]

    @pytest.mark.parametrize(
        ("field", "taken"),
        [("email", "KOFI@Example.com"), ("username", "Kofi"), ("email", "kofi@example.com")],
    )
    def test_name_that_is_taken_is_refused_without_regard_to_case(self, field, taken):
        users.register(**KOFI)

        with pytest.raises(InvalidInput) as refusal:
            users.register(**{**KOFI, "email": "other@example.com", "username": "other", field: taken})

        assert set(refusal.value.details) == {field}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "kofi"),
            ("email", ""),
            ("username", "ko fi"),
            ("username", ""),
            ("username", "k" * 81),
            ("role", "king"),
            ("language", "tlh"),
            ("timezone", "Mars/Olympus"),
        ],
    )
    def test_value_that_cannot_be_is_refused_on_its_field(self, field, value):
        with pytest.raises(InvalidInput) as refusal:
            users.register(**{**KOFI, field: value})

        assert set(refusal.value.details) == {field}

    @pytest.mark.parametrize(
        "password",
        [
            pytest.param("Ab1-short", id="short"),
            pytest.param("password123", id="common"),
            pytest.param("82649157362", id="digits alone"),
            pytest.param("onlysmallletters", id="small letters alone"),
            pytest.param("Kofi@example.com1", id="like the email"),
        ],
    )
    def test_weak_password_is_refused(self, password):
        with pytest.raises(InvalidInput) as refusal:
            users.register(**{**KOFI, "password": password})

        assert set(refusal.value.details) == {"password"}

    @pytest.mark.parametrize(
        "password", ["correct-Horse-7", "Grüße aus Kigali 4", "umuntu ngumuntu 3", "ኢትዮጵያ ሀገሬ 2031"]
    )
    def test_strong_password_is_taken(self, password):
        assert users.register(**{**KOFI, "password": password}).check_password(password)

    def test_all_mistakes_are_told_at_once(self):
        with pytest.raises(InvalidInput) as refusal:
            users.register(username="ko fi", email="kofi", password="x")

        assert set(refusal.value.details) == {"username", "email", "password"}

    def test_audit_trail_tells_who_was_made_without_the_password(self):
        kofi = users.register(**KOFI)

        (created,) = AuditEntry.objects.filter(object_id=kofi.pk, action=AuditEntry.Action.CREATE)
        assert "password" not in created.changes


class TestChange:
    def test_new_role_replaces_the_old_and_leaves_other_groups(self, admin, staff):
        staff.groups.add(Group.objects.create(name="night shift"))

        users.change(staff, by=admin, role=Role.MANAGER)

        assert roles_of(staff) == ["manager", "night shift"]

    def test_only_what_is_given_changes(self, admin, staff):
        before = (staff.email, staff.role, staff.is_active)

        users.change(staff, by=admin, first_name="Efua")

        staff.refresh_from_db()
        assert staff.first_name == "Efua"
        assert (staff.email, staff.role, staff.is_active) == before

    def test_own_email_in_other_letters_is_not_taken(self, admin, staff):
        users.change(staff, by=admin, email=staff.email.upper())

        assert User.objects.get(pk=staff.pk).email.startswith("PERSON")

    def test_refused_change_leaves_everything(self, admin, staff, manager):
        with pytest.raises(InvalidInput):
            users.change(staff, by=admin, first_name="Efua", email=manager.email)

        staff.refresh_from_db()
        assert staff.first_name == "Ama"

    @pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.STAFF}])
    def test_last_active_admin_stays_one(self, admin, change):
        UserFactory(admin=True, is_active=False)
        other = UserFactory(manager=True)

        with pytest.raises(InUse):
            users.change(admin, by=other, **change)

        admin.refresh_from_db()
        assert (admin.is_active, admin.role) == (True, Role.ADMIN)

    def test_admin_may_step_down_while_there_is_another(self, admin):
        UserFactory(admin=True)

        users.change(admin, by=admin, role=Role.STAFF)

        assert roles_of(admin) == ["staff"]

    def test_nobody_deactivates_oneself(self, admin):
        UserFactory(admin=True)

        with pytest.raises(InUse):
            users.deactivate(admin, by=admin)

    def test_deactivated_user_stays_and_may_come_back(self, admin, staff):
        users.deactivate(staff, by=admin)
        assert not User.objects.get(pk=staff.pk).is_active

        users.change(staff, by=admin, is_active=True)
        assert User.objects.get(pk=staff.pk).is_active

    @pytest.mark.django_db(transaction=True)
    def test_two_admins_who_deactivate_each_other_leave_one(self):
        ama, kofi = UserFactory(admin=True), UserFactory(admin=True)
        start = threading.Barrier(2)
        refused = []

        def deactivate(user, by):
            start.wait()
            try:
                users.deactivate(user, by=by)
            except InUse:
                refused.append(user)
            finally:
                connection.close()

        threads = [threading.Thread(target=deactivate, args=pair) for pair in ((ama, kofi), (kofi, ama))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(refused) == 1
        assert User.objects.filter(role=Role.ADMIN, is_active=True).count() == 1


class TestPassword:
    def test_new_password_ends_every_session(self, staff):
        tokens = sessions.start(staff)

        users.change_password(staff, current_password="correct-Horse-7", new_password="another-Horse-8")

        assert User.objects.get(pk=staff.pk).check_password("another-Horse-8")
        with pytest.raises(TokenInvalid):
            sessions.user_of(tokens.access)
        with pytest.raises(TokenInvalid):
            sessions.refresh(tokens.refresh)

    @pytest.mark.parametrize(
        ("current", "new", "field"),
        [
            ("wrong", "another-Horse-8", "current_password"),
            ("correct-Horse-7", "weak", "new_password"),
            ("correct-Horse-7", "correct-Horse-7", "new_password"),
        ],
    )
    def test_refused_change_leaves_password_and_sessions(self, staff, current, new, field):
        tokens = sessions.start(staff)

        with pytest.raises(InvalidInput) as refusal:
            users.change_password(staff, current_password=current, new_password=new)

        assert set(refusal.value.details) == {field}
        assert sessions.user_of(tokens.access) == staff


class TestProfile:
    def test_own_details_can_be_changed(self, staff):
        users.update_profile(staff, phone="+250 788 000 000", language="fr", timezone="Africa/Kigali")

        staff.refresh_from_db()
        assert (staff.phone, staff.language, staff.timezone) == ("+250 788 000 000", "fr", "Africa/Kigali")

    @pytest.mark.parametrize("field", ["role", "is_active", "email", "is_superuser", "password"])
    def test_nothing_else_can(self, staff, field):
        with pytest.raises(InvalidInput):
            users.update_profile(staff, **{field: "admin"})


class TestPermissions:
    def test_they_are_those_of_the_group_and_ones_own(self, staff):
        staff.user_permissions.add(Permission.objects.get(codename="add_item"))

        permissions = users.permissions_of(staff)

        assert permissions == sorted(permissions)
        assert {"inventory.view_item", "inventory.add_item"} <= set(permissions)
        assert permissions == sorted(User.objects.get(pk=staff.pk).get_all_permissions())

    def test_site_may_change_a_group(self, staff):
        Group.objects.get(name="staff").permissions.clear()

        assert users.permissions_of(staff) == []
        assert not User.objects.get(pk=staff.pk).has_perm("inventory.view_item")

    def test_inactive_user_has_none(self, staff):
        staff.is_active = False

        assert users.permissions_of(staff) == []

    def test_they_cost_one_query(self, staff, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert staff.has_perm("inventory.view_item")
            assert not staff.has_perm("inventory.delete_item")
