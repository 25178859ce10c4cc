"""Mail: queued with its cause, sent by a job, to a real server that is away, refuses or hangs up."""

import socket
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from ipms import mail
from ipms.errors import InvalidState
from ipms.mail import Attachment, Letter
from ipms.models import MailStatus, OutgoingMail, SiteSettings
from ipms.testing import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """Let time pass: `later(minutes=5)`."""
    now = timezone.now()

    def pass_time(**how):
        nonlocal now
        now += timedelta(**how)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    return pass_time


@pytest.fixture
def configured(settings):
    """Name a mail server in the settings: `configured(port)`."""

    def configure(port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
        settings.DEFAULT_FROM_EMAIL = "stores@example.org"
        settings.SITE_URL = "https://ipms.example.org"

    return configure


@pytest.fixture
def server(configured):
    with mail_server.running() as server:
        configured(server.port)
        yield server


def letter(to="ama@example.org", **how):
    return Letter(**{"to": to, "subject": "Low stock", "text": "Bolts are low.", **how})


def queue(*letters):
    return mail.queue(letters or [letter()])


def state(queued):
    queued.refresh_from_db()
    return queued.status, queued.attempts


def test_mail_arrives_as_text_and_html_under_the_organisation_s_name(server):
    SiteSettings.objects.update_or_create(pk=1, defaults={"organisation": "Kigali Foods"})
    (queued,) = queue(letter(html="<p>Bolts are <b>low</b>.</p>", language="fr"))

    assert mail.send_waiting() == 1

    (arrived,) = server.received
    assert arrived["From"] == "Kigali Foods <stores@example.org>"
    assert (arrived["To"], arrived["Subject"]) == ("ama@example.org", "Low stock")
    assert arrived["Message-ID"] == queued.message_id
    assert queued.message_id.endswith("@ipms.example.org>")
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Content-Language"] == "fr"
    assert arrived.get_body(["plain"]).get_content().strip() == "Bolts are low."
    assert "<b>low</b>" in arrived.get_body(["html"]).get_content()
    assert state(queued) == (MailStatus.SENT, 1)
    assert queued.sent_at
    assert mail.send_waiting() == 0


def test_files_go_with_the_mail(server):
    queue(letter(attachments=[Attachment(name="stock.pdf", media_type="application/pdf", content=b"%PDF-")]))

    mail.send_waiting()

    (file,) = server.received[0].iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("stock.pdf", "application/pdf")
    assert file.get_content() == b"%PDF-"


def test_name_with_a_line_break_begins_no_new_header(server):
    queue(letter(subject="Bolt\r\nBcc: everybody@example.org is low"))

    mail.send_waiting()

    assert server.received[0]["Bcc"] is None
    assert server.received[0]["Subject"] == "Bolt Bcc: everybody@example.org is low"


def test_many_go_over_one_connection_oldest_first(server):
    queue(*(letter(f"person{number}@example.org") for number in range(5)))

    assert mail.send_waiting() == 5

    assert server.connections == 1
    assert [arrived["To"] for arrived in server.received] == [f"person{n}@example.org" for n in range(5)]


def test_mail_of_a_change_that_was_undone_is_never_sent(server):
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)

    assert mail.send_waiting() == 0


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param({"": "554 no service"}, id="refuses everybody"),
        pytest.param({"": None}, id="hangs up at once"),
        pytest.param({"EHLO": "421 too busy", "HELO": "421 too busy"}, id="too busy"),
        pytest.param({"MAIL": "530 log in first"}, id="refuses the sender"),
        pytest.param({"RCPT": "451 later"}, id="puts the reader off"),
        pytest.param({"RCPT": "550 nobody here"}, id="does not know the reader"),
        pytest.param({"DATA": "554 spam"}, id="refuses the text"),
        pytest.param({"DATA": None}, id="hangs up in the middle"),
    ],
)
def test_server_that_refuses_gets_it_later_and_once(server, later, answers):
    first, second = queue(letter("ama@example.org"), letter("kofi@example.org"))
    server.answers = answers

    assert mail.send_waiting() == 0
    first.refresh_from_db()
    assert (first.status, first.attempts, server.received) == (MailStatus.QUEUED, 1, [])
    assert first.last_error
    server.answers = {}
    later(minutes=1)
    assert mail.send_waiting() == 2

    assert sorted(arrived["To"] for arrived in server.received) == ["ama@example.org", "kofi@example.org"]
    assert {arrived["Message-ID"] for arrived in server.received} == {first.message_id, second.message_id}


def test_mail_that_was_put_off_waits_for_its_time(server, later):
    queue()
    server.answers = {"RCPT": "451 later"}
    mail.send_waiting()
    server.answers = {}

    later(seconds=9)
    assert mail.send_waiting() == 0
    later(seconds=2)
    assert mail.send_waiting() == 1


def test_server_that_is_away_gets_everything_when_it_is_back(configured, later):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    configured(port)
    queued = queue(*(letter(f"person{number}@example.org") for number in range(3)))

    for _hour in range(30):
        assert mail.send_waiting() == 0
        later(hours=1)
    assert {state(one) for one in queued} == {(MailStatus.QUEUED, 30)}
    with mail_server.running(port) as server:
        assert mail.send_waiting() == 3

    assert len(server.received) == 3


def test_mail_that_is_refused_stops_no_other(server):
    bad = OutgoingMail.objects.create(
        to="ama@example.org", subject="Low\nstock", text="", message_id="<1@example.org>"
    )
    (good,) = queue()

    assert mail.send_waiting() == 1

    assert state(bad) == (MailStatus.QUEUED, 1)
    assert bad.last_error.startswith("BadHeaderError")
    assert state(good)[0] == MailStatus.SENT


def test_reader_whom_the_server_does_not_know_is_given_up_in_the_end(server, later):
    (queued,) = queue()
    server.answers = {"RCPT": "550 nobody here"}

    for _attempt in range(mail.MOST_REFUSALS + 2):
        mail.send_waiting()
        later(hours=1)

    assert state(queued) == (MailStatus.FAILED, mail.MOST_REFUSALS)
    assert "nobody here" in queued.last_error


def test_failed_mail_can_be_sent_again(server, admin):
    (queued,) = queue()
    OutgoingMail.objects.update(status=MailStatus.FAILED, attempts=20, last_error="nobody here")

    mail.send_again(queued, by=admin)

    assert mail.send_waiting() == 1
    assert server.received[0]["Message-ID"] == queued.message_id
    mail.send_again(queued, by=admin)  # it was lost on its way
    with pytest.raises(InvalidState):
        mail.send_again(queued, by=admin)
    assert mail.send_waiting() == 1


def test_answer_that_is_lost_sends_the_same_mail_again(server, later):
    (queued,) = queue()
    server.answers = {"taken": None}

    mail.send_waiting()
    server.answers = {}
    later(minutes=1)
    mail.send_waiting()

    assert [arrived["Message-ID"] for arrived in server.received] == [queued.message_id] * 2
    assert state(queued)[0] == MailStatus.SENT


def test_without_a_server_mail_is_kept_and_never_sent(settings, admin):
    (queued,) = queue()
    assert queued.status == MailStatus.KEPT

    with pytest.raises(InvalidState):
        mail.send_again(queued, by=admin)
    settings.EMAIL_HOST = "127.0.0.1"

    assert mail.send_waiting() == 0


def test_old_mails_are_deleted_unless_they_wait(configured):
    configured(9)
    sent, recent, waiting = queue(letter(), letter(), letter())
    OutgoingMail.objects.exclude(pk=waiting.pk).update(status=MailStatus.SENT)
    old = timezone.now() - timedelta(days=181)
    OutgoingMail.objects.exclude(pk=recent.pk).update(created_at=old)

    assert mail.clean_up(keep=timedelta(days=180)) == 1

    assert set(OutgoingMail.objects.all()) == {recent, waiting}
    assert sent.pk


def test_queueing_many_costs_as_much_as_queueing_one(django_assert_num_queries):
    with django_assert_num_queries(1):
        mail.queue([letter()])
    with django_assert_num_queries(1):
        mail.queue([letter(f"person{number}@example.org") for number in range(50)])
