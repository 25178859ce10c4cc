"""What reports and exports may refuse."""

from django.utils.translation import gettext_lazy as _

from ipms.errors import DomainError, InvalidState


class NotExportable(DomainError):
    """There is no list or report of this name."""

    code = "NOT_FOUND"

    def __init__(self, name: str) -> None:
        super().__init__(_("There is no export named “%(name)s”.") % {"name": name})


class TooManyExports(InvalidState):
    """The person has as many exports on the way as one may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("%(limit)d of your exports are waiting or at work: wait until one of them is ready.")
            % {"limit": limit},
            limit=limit,
        )


class NotReady(InvalidState):
    """The file does not exist yet, or never will."""

    def __init__(self, status: str) -> None:
        super().__init__(_("The file of this export does not exist."), status=status)


class FileGone(DomainError):
    """The file has expired."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(_("The file has expired: export it again."))


class SumsDiffered(DomainError):
    """Sums of the ledger were not what the ledger says; they have been made anew."""

    code = "SUMS_DIFFERED"

    def __init__(self, count: int) -> None:
        sentence = _("%(count)d sums differed from the ledger and have been made anew.")
        super().__init__(sentence % {"count": count}, sums=count)
