"""Who is told what: once, by the ways that people chose, in their own language."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts import notifications
from accounts.models import Kind, Notification, NotificationPreference
from accounts.notifications import Amount, Channels, holders_of, notify
from accounts.tests.factories import UserFactory
from ipms.models import OutgoingMail

pytestmark = pytest.mark.django_db

BOLT = {"sku": "BOLT", "item": "Bolt M8", "available": Decimal("4.0000"), "unit": "EA", "reorder_level": 10}


def tell(*users, key="1", kind=Kind.STOCK_LOW, **words):
    return notify(users, kind, key=key, url="/admin/inventory/item/1/change/", **{**BOLT, **words})


def test_person_is_told_once_of_each_key(manager):
    assert len(tell(manager, key="1")) == 1
    assert tell(manager, key="1") == []
    assert len(tell(manager, key="2")) == 1

    assert Notification.objects.filter(user=manager).count() == 2


def test_newcomer_is_told_although_others_were(manager, admin):
    tell(manager)

    (told,) = tell(manager, admin)

    assert told.user == admin
    assert told.pk == Notification.objects.get(user=admin).pk


def test_who_left_is_told_nothing():
    assert tell(UserFactory(is_active=False)) == []


def test_sentences_are_filled_in(manager):
    (told,) = tell(manager)

    assert told.title == "BOLT Bolt M8 is low on stock"
    assert told.body == "Available: 4 EA. Reorder level: 10 EA."


@pytest.mark.parametrize(
    ("language", "amount", "moment"),
    [
        ("en", "1,234.50\u00a0USD", "3 Feb 2031, 16:30"),
        ("fr", "1\u00a0234,50\u00a0USD", "3 février 2031 16:30"),
        ("sw", "1,234.50\u00a0USD", "3 Februari 2031, 16:30"),
        ("pt", "1.234,50\u00a0USD", "3 de Fevereiro de 2031 às 16:30"),
        ("ar", "1,234.50\u00a0USD", "3 فبراير 2031، 16:30"),
    ],
)
def test_money_and_moments_are_written_as_the_reader_does(language, amount, moment):
    reader = UserFactory(language=language, timezone="Africa/Kigali")
    until = datetime(2031, 2, 3, 14, 30, tzinfo=UTC)

    (ready,) = notify([reader], Kind.REPORT_READY, key="1", report="Stock", until=until)
    (waiting,) = notify(
        [reader],
        Kind.ORDER_WAITING,
        key="1",
        order="PO-2031-00001",
        maker="Kofi",
        supplier="Bolts Ltd",
        amount=Amount(Decimal("1234.5"), "USD"),
    )

    assert moment.lower() in ready.body.lower()
    assert amount in waiting.body


@pytest.mark.parametrize(
    ("language", "title", "greeting"),
    [
        ("en", "Order PO-2031-00001 was approved", "Hello Ama,"),
        ("fr", "La commande PO-2031-00001 a été approuvée", "Bonjour Ama,"),
        ("sw", "Agizo PO-2031-00001 limeidhinishwa", "Habari Ama,"),
        ("pt", "A ordem PO-2031-00001 foi aprovada", "Olá, Ama,"),
        ("ar", "تمت الموافقة على أمر الشراء \u2068PO-2031-00001\u2069", "مرحبًا Ama،"),
    ],
)
def test_everybody_is_told_in_the_own_language(language, title, greeting):
    reader = UserFactory(language=language)

    (told,) = notify(
        [reader],
        Kind.ORDER_APPROVED,
        key="1",
        order="PO-2031-00001",
        by="Kofi",
        supplier="Bolts Ltd",
        amount=Amount(Decimal(20), "USD"),
    )

    mail = OutgoingMail.objects.get()
    assert told.title == mail.subject == title
    assert mail.language == language
    assert greeting in mail.text
    assert greeting in mail.html
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in mail.html
    assert "Hello" not in mail.text or language == "en"


def test_words_of_others_are_no_html(manager):
    notifications.choose(manager, {Kind.STOCK_LOW: Channels(in_app=True, by_mail=True)})

    tell(manager, item="<script>alert(1)</script>")

    mail = OutgoingMail.objects.get()
    assert "<script>" not in mail.html
    assert "<script>alert(1)</script>" in mail.text


def test_words_keep_their_order_in_a_text_from_right_to_left():
    (told,) = notify(
        [UserFactory(language="ar")],
        Kind.ORDER_OVERDUE,
        key="1",
        order="PO-2031-00001",
        supplier="Bolts",
        expected_on=date(2031, 2, 3),
        days_late=4,
    )

    assert "\u2068PO-2031-00001\u2069" in told.title


def test_kinds_go_by_the_ways_that_people_chose():
    by_default, by_mail, by_none, by_both = UserFactory.create_batch(4)
    notifications.choose(by_mail, {Kind.REPORT_READY: Channels(in_app=False, by_mail=True)})
    notifications.choose(by_none, {Kind.REPORT_READY: Channels(in_app=False, by_mail=False)})
    notifications.choose(by_both, {Kind.REPORT_READY: Channels(in_app=True, by_mail=True)})

    notify(
        [by_default, by_mail, by_none, by_both], Kind.REPORT_READY, key="1", report="Stock", until="tomorrow"
    )

    assert {one.user for one in Notification.objects.filter(in_app=True)} == {by_default, by_both}
    assert set(OutgoingMail.objects.values_list("to", flat=True)) == {by_mail.email, by_both.email}
    assert not Notification.objects.of(by_mail).exists()


def test_mail_goes_once_too(manager):
    notifications.choose(manager, {Kind.STOCK_LOW: Channels(in_app=False, by_mail=True)})

    tell(manager)
    tell(manager)

    mail = OutgoingMail.objects.get()
    assert mail.to == manager.email
    assert mail.subject == "BOLT Bolt M8 is low on stock"
    assert "http://localhost:5000/admin/inventory/item/1/change/" in mail.text
    assert 'href="http://localhost:5000/admin/inventory/item/1/change/"' in mail.html


def test_telling_many_costs_as_much_as_telling_one(django_assert_num_queries):
    def wants_mail(count):
        users = UserFactory.create_batch(count, manager=True)
        NotificationPreference.objects.bulk_create(
            NotificationPreference(user=user, kind=Kind.STOCK_LOW, in_app=True, by_mail=True)
            for user in users
        )

    wants_mail(1)
    # who, how they chose, the notifications, whose site it is, the mails
    tell(*holders_of("inventory.change_item"), key="0")
    with django_assert_num_queries(5):
        tell(*holders_of("inventory.change_item"), key="1")
    wants_mail(30)
    with django_assert_num_queries(5):
        assert len(tell(*holders_of("inventory.change_item"), key="2")) == 31


def test_holders_are_active_people_with_the_permission(staff, manager, admin, django_assert_num_queries):
    UserFactory(manager=True, is_active=False)
    chief = UserFactory(is_superuser=True)

    with django_assert_num_queries(1):
        assert set(holders_of("inventory.change_item")) == {manager, admin, chief}


def test_what_was_to_be_done_is_settled_for_everybody(manager, admin):
    tell(manager, admin)
    other = notify([manager], Kind.STOCK_LOW, key="9", url="/elsewhere/", **BOLT)[0]

    assert notifications.settle(Kind.STOCK_LOW, url="/admin/inventory/item/1/change/") == 2

    assert list(Notification.objects.unread()) == [other]


def test_read_notification_keeps_its_time(manager):
    (told,) = tell(manager)

    notifications.mark_read(told, by=manager)
    told.refresh_from_db()
    first = told.read_at
    notifications.mark_read(told, by=manager)

    told.refresh_from_db()
    assert told.read_at == first


def test_nobody_reads_for_another(manager, admin):
    (told,) = tell(manager)

    with pytest.raises(Notification.DoesNotExist):
        notifications.mark_read(told, by=admin)
    assert notifications.mark_all_read(admin) == 0
    assert notifications.mark_all_read(manager) == 1


def test_choices_are_those_of_what_may_ever_come(staff, admin):
    assert Kind.BACKUP_FAILED not in notifications.channels_of(staff)
    assert Kind.ORDER_APPROVED in notifications.channels_of(staff)
    assert set(notifications.channels_of(admin)) == set(Kind)


def test_choice_can_be_changed_again(manager):
    for in_app in (False, True, False):
        notifications.choose(manager, {Kind.STOCK_LOW: Channels(in_app=in_app, by_mail=False)})

    assert notifications.channels_of(manager)[Kind.STOCK_LOW] == Channels(False, False)
    assert NotificationPreference.objects.count() == 1
