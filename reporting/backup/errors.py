"""Why a backup cannot be made or used, each in one sentence fit for a person at a terminal."""

from ipms.errors import DomainError


class BackupError(DomainError):
    """The backup cannot be made, kept or used."""

    code = "BACKUP_FAILED"


class DamagedBackup(BackupError):
    """The file is not, or no longer, what was written as a backup."""
