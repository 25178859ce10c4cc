"""The bell in the bar, the list of what one was told, and the page on which one chooses what that is."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import notifications, users
from accounts.models import Kind, Notification
from accounts.notifications import Channels
from ipms.admin import display
from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.bulk_actions import BulkAction
from ipms.admin.pages import Page
from ipms.admin.tools import Tool

#: Beyond it the bell says only that there are more.
_MOST_COUNTED = 99


@admin.site.register_tool
class Bell(Tool):
    """Leads to the notifications, and says how many are unread."""

    template = "admin/tools/bell.html"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        count = Notification.objects.of(request.user).unread()[: _MOST_COUNTED + 1].count()
        return {"unread": f"{_MOST_COUNTED}+" if count > _MOST_COUNTED else count}


class ReadFilter(admin.SimpleListFilter):
    title = gettext_lazy("read")
    parameter_name = "unread"

    def lookups(self, request, model_admin):
        return [("1", _("Unread")), ("0", _("Read"))]

    def queryset(self, request, queryset):
        return queryset.filter(read_at__isnull=self.value() == "1") if self.value() else queryset


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """One's own: everybody who may enter sees this page, and nobody sees what others were told.

    The bell leads here, so the sidebar does not.
    """

    list_display = ["notice", "at"]
    list_filter = [ReadFilter, "kind"]
    search_fields = ["title__icontains", "body__icontains"]
    search_help_text = gettext_lazy("Words of the notification")
    ordering = ["-id"]
    fields = readonly_fields = ["title", "body", "created_at", "read_at"]
    bulk_actions = [
        BulkAction(
            name="mark_read",
            label=gettext_lazy("Mark as read"),
            run=notifications.mark_read,
            done=gettext_lazy("read"),
        )
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).of(request.user)

    def has_module_permission(self, request):
        return True

    def has_view_permission(self, request, obj=None):
        return obj is None or obj.user_id == request.user.pk

    def get_model_perms(self, request):
        return {}

    def get_urls(self):
        read_all = self.admin_site.admin_view(require_POST(self.read_all))
        return [path("read-all/", read_all, name="accounts_notification_read_all"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        has_unread = Notification.objects.of(request.user).unread().exists()
        return super().changelist_view(request, {**(extra_context or {}), "has_unread": has_unread})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Go to the record that it is about; where there is none, show the notification itself."""
        notification = self.get_object(request, object_id)
        if notification is not None:
            notifications.mark_read(notification, by=request.user)
            if notification.url:
                return HttpResponseRedirect(notification.url)
        return super().change_view(request, object_id, form_url, extra_context)

    def read_all(self, request: HttpRequest) -> HttpResponse:
        notifications.mark_all_read(request.user)
        self.message_user(request, _("All are read."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:accounts_notification_changelist"))

    @admin.display(description=gettext_lazy("notification"), ordering="title")
    def notice(self, notification):
        return format_html(
            '<span class="notice{}"><bdi>{}</bdi></span> <span class="notice__body"><bdi>{}</bdi></span>',
            "" if notification.read_at else " notice--unread",
            notification.title,
            notification.body,
        )

    @admin.display(description=gettext_lazy("at"), ordering="id")
    def at(self, notification):
        return display.moment(notification.created_at)


class PreferencesForm(forms.Form):
    """The language, and a row of two checkboxes for each kind that may come to a person."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language of pages, notifications and mails"), choices=settings.LANGUAGES
    )

    def __init__(self, *args: Any, channels: dict[str, Channels], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = list(channels)
        for kind, chosen in channels.items():
            for name, label in (("in_app", _("In the program")), ("by_mail", _("By mail"))):
                self.fields[f"{kind}-{name}"] = forms.BooleanField(
                    required=False,
                    initial=getattr(chosen, name),
                    widget=forms.CheckboxInput(attrs={"aria-label": f"{Kind(kind).label}: {label}"}),
                )

    def rows(self) -> Iterator[dict[str, Any]]:
        for kind in self.kinds:
            yield {
                "label": Kind(kind).label,
                "in_app": self[f"{kind}-in_app"],
                "by_mail": self[f"{kind}-by_mail"],
            }

    def choices(self) -> dict[str, Channels]:
        return {
            kind: Channels(self.cleaned_data[f"{kind}-in_app"], self.cleaned_data[f"{kind}-by_mail"])
            for kind in self.kinds
        }


def preferences(request: HttpRequest) -> HttpResponse:
    """Let people choose what they are told, by which ways, and in which language."""
    user = request.user
    form = PreferencesForm(
        request.POST or None,
        channels=notifications.channels_of(user),
        initial={"language": user.language},
    )
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            notifications.choose(user, form.choices())
            users.update_profile(user, language=form.cleaned_data["language"])
        messages.success(request, _("Saved: from now on you are told as you chose."))
        return HttpResponseRedirect(reverse("admin:notification_preferences"))
    context = {**admin.site.each_context(request), "title": _("What you are told"), "form": form}
    return TemplateResponse(request, "admin/accounts/notification/preferences.html", context)


admin.site.register_page(
    Page(
        name="notification_preferences",
        route="accounts/notification/preferences/",
        label=gettext_lazy("Choose what you are told"),
        view=preferences,
    )
)
