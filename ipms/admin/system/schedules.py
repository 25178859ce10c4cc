"""Schedules in words, in the reader's language: the library's own words are English."""

from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_celery_beat.models import CrontabSchedule, IntervalSchedule

_EVERY = "*"


def in_words(schedule: Any) -> str:
    """Return when a schedule lets things happen; one that has no plain words as it is written."""
    match schedule:
        case None:
            return ""
        case IntervalSchedule():
            return _interval(schedule)
        case CrontabSchedule():
            return _crontab(schedule) or str(schedule)
        case _:
            return str(schedule)


def _interval(schedule: IntervalSchedule) -> str:
    every = schedule.every
    match schedule.period:
        case IntervalSchedule.DAYS:
            words = ngettext("every day", "every %(count)d days", every)
        case IntervalSchedule.HOURS:
            words = ngettext("every hour", "every %(count)d hours", every)
        case IntervalSchedule.MINUTES:
            words = ngettext("every minute", "every %(count)d minutes", every)
        case IntervalSchedule.SECONDS:
            words = ngettext("every second", "every %(count)d seconds", every)
        case _:
            return capfirst(str(schedule))
    return capfirst(words % {"count": every})


def _crontab(schedule: CrontabSchedule) -> str:
    """Return words for a time of the day: daily, on a day of the week or of the month."""
    if not (schedule.minute.isdecimal() and schedule.hour.isdecimal()) or schedule.month_of_year != _EVERY:
        return ""
    words = {
        "time": f"{int(schedule.hour):02}:{int(schedule.minute):02}",
        "zone": str(schedule.timezone),
        "day": schedule.day_of_month,
    }
    if schedule.day_of_week == _EVERY and schedule.day_of_month == _EVERY:
        return _("Every day at %(time)s, %(zone)s") % words
    if schedule.day_of_week == _EVERY and schedule.day_of_month.isdecimal():
        return _("On day %(day)s of each month at %(time)s, %(zone)s") % words
    if schedule.day_of_month == _EVERY and schedule.day_of_week.isdecimal():
        # A crontab's week begins with Sunday, as 0 or 7; that of the names of days with Monday.
        words["day"] = str(WEEKDAYS[(int(schedule.day_of_week) - 1) % 7])
        return _("Every week on %(day)s at %(time)s, %(zone)s") % words
    return ""
