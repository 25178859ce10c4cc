"""What an import may refuse."""

from ipms.errors import DomainError


class FileRefused(DomainError):
    """The file cannot be taken."""

    code = "VALIDATION_ERROR"


class ImportStateForbids(DomainError):
    """The import is not where this can be done, or is no longer."""

    code = "INVALID_STATE"
