"""The page of mails: where mail goes in development, and what became of each in production."""

import pytest
from django.urls import reverse

from ipms import mail
from ipms.mail import Attachment, Letter
from ipms.models import MailStatus, OutgoingMail
from ipms.testing.back_office import count_queries, enter, send

pytestmark = pytest.mark.django_db

LIST = reverse("admin:ipms_outgoingmail_changelist")
HTML = "<html><head><style>p { color: red; }</style></head><body><p>Bolts are low.</p></body></html>"


@pytest.fixture
def queued():
    return mail.queue(
        [Letter(to="ama@example.org", subject="Low stock", text="Bolts <are> low.", html=HTML)]
    )[0]


def page(queued):
    return reverse("admin:ipms_outgoingmail_change", args=[queued.pk])


def preview(queued):
    return reverse("admin:ipms_outgoingmail_html", args=[queued.pk])


def test_mail_without_a_server_is_kept_here_to_be_read(admin, queued):
    client = enter(admin)

    assert "Kept here" in client.get(LIST).content.decode()
    html = client.get(page(queued)).content.decode()
    assert "Bolts &lt;are&gt; low." in html
    assert f'sandbox src="{preview(queued)}"' in html
    assert "Send again" not in html


def test_preview_can_load_and_run_nothing(admin, queued):
    client = enter(admin)

    shown = client.get(preview(queued))
    around = client.get(page(queued))

    assert shown.content.decode() == HTML
    policy = shown["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-src 'self'" in around["Content-Security-Policy"]
    assert around["X-Frame-Options"] == "DENY"


def test_style_of_the_mail_counts_and_no_other(admin, queued):
    import base64
    import hashlib

    digest = base64.b64encode(hashlib.sha256(b"p { color: red; }").digest()).decode()

    assert f"style-src 'sha256-{digest}';" in enter(admin).get(preview(queued))["Content-Security-Policy"]


@pytest.mark.parametrize("role", ["staff", "manager"])
def test_mails_are_for_administrators(request, queued, role):
    client = enter(request.getfixturevalue(role))

    assert client.get(LIST).status_code == 403
    assert client.get(page(queued)).status_code == 403
    assert client.get(preview(queued)).status_code == 404


def test_failed_mail_is_sent_again_by_a_button(admin, queued, settings):
    settings.EMAIL_HOST = "mail.example.org"
    OutgoingMail.objects.update(status=MailStatus.FAILED, attempts=20)

    send(enter(admin), reverse("admin:ipms_outgoingmail_action", args=[queued.pk, "send-again"]))

    queued.refresh_from_db()
    assert (queued.status, queued.attempts) == (MailStatus.QUEUED, 0)


def test_attachments_are_named(admin):
    report = Attachment(name="stock-2031-05.pdf", media_type="application/pdf", content=b"%PDF-")
    (queued,) = mail.queue([Letter(to="ama@example.org", subject="Stock", text="…", attachments=[report])])

    html = enter(admin).get(page(queued)).content.decode()

    assert "stock-2031-05.pdf" in html
    assert "This mail has no HTML." in html


def test_list_costs_the_same_for_any_number_of_mails(admin, queued):
    client = enter(admin)
    client.get(LIST)
    before = count_queries(lambda: client.get(LIST))
    mail.queue([Letter(to=f"p{n}@example.org", subject="Low", text="Low.") for n in range(20)])

    assert count_queries(lambda: client.get(LIST)) == before
