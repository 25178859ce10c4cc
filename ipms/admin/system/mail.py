"""Every mail that went out or was to: in development this page is where mail arrives."""

import base64
import hashlib
import re

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ipms import mail
from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.bulk_actions import BulkAction
from ipms.admin.display import choice_badge, numeric
from ipms.admin.object_actions import ObjectAction
from ipms.admin.spreadsheets import ExportMixin
from ipms.models import MailStatus, OutgoingMail
from ipms.resources import list_of

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_MAY_RESEND = "ipms.change_outgoingmail"


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ExportMixin, ReadOnlyAdmin):
    resource_classes = [
        list_of(
            "OutgoingMailResource",
            written_at="created_at",
            to="to",
            subject="subject",
            language="language",
            status="get_status_display",
            attempts="attempts",
            sent_at="sent_at",
            last_error="last_error",
        )
    ]
    object_actions = [
        ObjectAction(
            name="send-again",
            label=_("Send again"),
            confirm=_("The reader may have it already. Send it again?"),
            permission=_MAY_RESEND,
            allowed=lambda sent, user: mail.is_configured() and sent.status != MailStatus.QUEUED,
            run=mail.send_again,
            done=_("“%(object)s” waits to be sent again."),
        )
    ]
    bulk_actions = [
        BulkAction(
            name="send_again_selected",
            label=_("Send selected mails again"),
            confirm=_("The readers may have them already. Send them again?"),
            permission=_MAY_RESEND,
            run=mail.send_again,
            done=_("queued"),
        )
    ]
    list_display = ["subject", "to", "state", "created_at", "tries", "sent_at", "language"]
    list_filter = ["status", "language"]
    search_fields = ["to__icontains", "subject__icontains"]
    search_help_text = _("Address, or words of the subject")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": ["to", "subject", "files", ("state", "created_at", "sent_at")]}),
        (_("Content"), {"fields": ["preview", "plain"]}),
        (
            _("Delivery"),
            {"fields": [("attempts", "next_attempt_at"), "last_error", "language", "message_id"]},
        ),
    ]

    def get_readonly_fields(self, request, obj=None):
        names = [name for _label, options in self.fieldsets for name in options["fields"]]
        return [part for name in names for part in (name if isinstance(name, tuple) else [name])]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("text", "html")

    def get_urls(self):
        preview = self.admin_site.admin_view(self.html_view)
        return [path("<int:pk>/html/", preview, name="ipms_outgoingmail_html"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id, form_url, extra_context)
        response._csp_update = {"frame-src": ["'self'"]}
        return response

    def html_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with the mail as its reader sees it, for a frame in which nothing of it can act."""
        sent = self.get_queryset(request).filter(pk=pk).first()
        if sent is None or not self.has_view_permission(request, sent):
            raise Http404
        return HttpResponse(
            sent.html,
            headers={"Content-Security-Policy": _policy_of(sent.html), "X-Frame-Options": "SAMEORIGIN"},
        )

    @admin.display(description=_("status"), ordering="status")
    def state(self, sent):
        return choice_badge(sent)

    @numeric(description=_("attempts"), ordering="attempts")
    def tries(self, sent):
        return sent.attempts

    @admin.display(description=_("as it is read"))
    def preview(self, sent):
        if not sent.html:
            return _("This mail has no HTML.")
        return render_to_string(
            "admin/ipms/outgoingmail/preview.html",
            {"url": reverse("admin:ipms_outgoingmail_html", args=[sent.pk]), "mail": sent},
        )

    @admin.display(description=_("text"))
    def plain(self, sent):
        return format_html('<pre class="mail-text" dir="auto">{}</pre>', sent.text)

    @admin.display(description=_("attachments"))
    def files(self, sent):
        return ", ".join(sent.attachments.values_list("name", flat=True)) or "–"


def _policy_of(html: str) -> str:
    """Return a policy under which nothing is loaded or run, and no style counts but the mail's own."""
    hashes = [
        base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in _STYLE.findall(html)
    ]
    styles = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
    return (
        f"default-src 'none'; style-src {styles}; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox"
    )
