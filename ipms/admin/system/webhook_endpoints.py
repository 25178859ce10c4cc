"""Where webhooks go, and the secret that is shown once."""

from itertools import groupby

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from ipms import webhooks
from ipms.admin import display
from ipms.admin.base import DomainAdmin
from ipms.admin.cards import CardsMixin
from ipms.admin.display import badge
from ipms.admin.object_actions import ObjectAction
from ipms.admin.spreadsheets import ExportMixin
from ipms.errors import DomainError
from ipms.models import WebhookEndpoint
from ipms.resources import list_of
from ipms.webhooks.topics import ALL

#: Headings of the topics that the apps declare.
_KINDS = {
    "backup": gettext_lazy("Backups"),
    "count": gettext_lazy("Stock counts"),
    "job": gettext_lazy("Job runs"),
    "ledger": gettext_lazy("Stock ledger"),
    "lot": gettext_lazy("Lots"),
    "order": gettext_lazy("Purchase orders"),
    "rate": gettext_lazy("Exchange rates"),
    "stock": gettext_lazy("Stock"),
}


def _kind(topic):
    return topic.partition(".")[0]


class TopicsField(forms.MultipleChoiceField):
    """Topics under a heading of each kind, with a box for all of a kind and one for all that there is."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, initial=(), **kwargs):
        super().__init__(initial=initial, **kwargs)
        self.choices = self._grouped

    def _grouped(self):
        yield _("Everything"), [(ALL, _("All events, also those that come with later versions"))]
        for kind, declared in groupby(webhooks.declared().items(), key=lambda entry: _kind(entry[0])):
            every = (f"{kind}.*", _("All of these (%(pattern)s)") % {"pattern": f"{kind}.*"})
            each = [(topic, f"{title} ({topic})") for topic, title in declared]
            yield _KINDS.get(kind) or capfirst(kind), [every, *each]
        known = {ALL, *webhooks.declared(), *(f"{_kind(topic)}.*" for topic in webhooks.declared())}
        if others := [pattern for pattern in self.initial or () if pattern not in known]:
            yield _("Others"), [(pattern, pattern) for pattern in others]


class HeadersField(forms.CharField):
    """Headers as they are written: a name, a colon and a value on each line."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"})

    def prepare_value(self, value):
        if isinstance(value, dict):
            return "\n".join(f"{name}: {text}" for name, text in value.items())
        return value

    def to_python(self, value):
        headers = {}
        for line in filter(None, map(str.strip, super().to_python(value).splitlines())):
            name, colon, text = line.partition(":")
            if not colon:
                raise forms.ValidationError(_("“%(line)s” lacks a colon.") % {"line": line[:80]})
            headers[name.strip()] = text.strip()
        return headers

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class EndpointForm(forms.ModelForm):
    topics = TopicsField(label=gettext_lazy("topics"))
    headers = HeadersField(
        label=gettext_lazy("further headers"),
        required=False,
        help_text=gettext_lazy(
            "One on each line, such as “X-Api-Key: 4711”. Neither these nor the secret are in the audit log."
        ),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["name", "url", "topics", "is_active", "headers"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "topics" in self.fields:
            self.fields["topics"].initial = self.initial.get("topics") or []

    def _post_clean(self):
        """Leave the values to the domain: it checks them all and names what is wrong."""


def _secret_url(endpoint, _result=None):
    return reverse("admin:ipms_webhookendpoint_secret", args=[endpoint.pk])


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ExportMixin, CardsMixin, DomainAdmin):
    form = EndpointForm
    change_form_template = CardsMixin.change_form_template
    resource_classes = [
        list_of(
            "WebhookEndpointResource",
            name="name",
            url="url",
            is_active="is_active",
            last_attempt_at="last_attempt_at",
            last_success_at="last_success_at",
            failures_in_a_row="failures_in_a_row",
            created_by="created_by",
            created_at="created_at",
        )
    ]
    list_display = ["name", "state", "url", "patterns", "last_success_at"]
    list_filter = ["is_active"]
    list_select_related = ["created_by"]
    search_fields = ["name__icontains", "url__icontains"]
    search_help_text = gettext_lazy("Name or address")
    fieldsets = [
        (None, {"fields": ["name", "url", "is_active"]}),
        (gettext_lazy("What it is told"), {"fields": ["topics"]}),
        (gettext_lazy("How"), {"fields": ["headers", "secret_once"]}),
        (
            gettext_lazy("How it goes"),
            {"fields": ["state", "last_attempt_at", "last_success_at", "created_by", "created_at"]},
        ),
    ]
    readonly_fields = [
        "secret_once",
        "state",
        "last_attempt_at",
        "last_success_at",
        "created_by",
        "created_at",
    ]
    object_actions = [
        ObjectAction(
            name="test",
            label=gettext_lazy("Send test"),
            permission="ipms.change_webhookendpoint",
            allowed=lambda endpoint, user: endpoint.is_active,
            run=webhooks.test,
            done=gettext_lazy("It is sent within seconds. Load this page again to see what came back."),
            then=lambda endpoint, delivery: display.change_url(delivery),
        ),
        ObjectAction(
            name="rotate-secret",
            label=gettext_lazy("Rotate secret"),
            style="danger",
            confirm=gettext_lazy(
                "From now on everything is signed with a new secret, and the receiver refuses it until it "
                "knows the new one. What is refused meanwhile is sent again for a day. Go on?"
            ),
            permission="ipms.change_webhookendpoint",
            run=webhooks.rotate_secret,
            done=gettext_lazy("%(object)s has a new secret."),
            then=_secret_url,
        ),
    ]

    def get_urls(self):
        view = self.admin_site.admin_view(self.secret_view)
        return [
            path("<path:object_id>/secret/", view, name="ipms_webhookendpoint_secret"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request, obj=None):
        if obj is not None:
            return self.fieldsets
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "secret_once"]})
            for title, options in self.fieldsets[:-1]
        ]

    def create(self, request, values, lines):
        return webhooks.add(by=request.user, **values)

    def change(self, request, obj, values, lines):
        webhooks.change(obj, **values)

    def response_add(self, request, obj, post_url_continue=None):
        super().response_add(request, obj, post_url_continue)  # its message
        return HttpResponseRedirect(_secret_url(obj))

    @method_decorator([never_cache, sensitive_variables("secret", "context")])
    def secret_view(self, request, object_id):
        """Show the secret, once: asked by GET, shown by POST, in this one answer and nowhere else."""
        endpoint = self.get_object(request, unquote(object_id))
        if endpoint is None:
            raise Http404
        if not self.has_change_permission(request, endpoint):
            raise PermissionDenied
        secret = ""
        if request.method == "POST":
            try:
                secret = webhooks.reveal_secret(endpoint, by=request.user)
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
                return HttpResponseRedirect(display.change_url(endpoint))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Secret"),
            "subtitle": str(endpoint),
            "opts": self.opts,
            "original": endpoint,
            "secret": secret,
            "was_shown": endpoint.secret_shown_at is not None and not secret,
            "change_url": display.change_url(endpoint),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/ipms/webhookendpoint/secret.html", context)

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, endpoint):
        if not endpoint.is_active:
            return badge("off", _("Switched off"), tone="quiet")
        if endpoint.failures_in_a_row:
            failures = _("%(count)d failures in a row") % {"count": endpoint.failures_in_a_row}
            return badge("failing", failures, tone="bad")
        return badge("on", _("In order") if endpoint.last_success_at else _("Not tried yet"), tone="good")

    @admin.display(description=gettext_lazy("topics"))
    def patterns(self, endpoint):
        return ", ".join(endpoint.topics)

    @admin.display(description=gettext_lazy("secret"))
    def secret_once(self, endpoint):
        if endpoint.secret_shown_at is None:
            return format_html('<a href="{}">{}</a>', _secret_url(endpoint), _("Show it, once"))
        return _("It was shown on %(date)s. Rotate it to get a new one.") % {
            "date": display.moment(endpoint.secret_shown_at)
        }
