"""What an order import may refuse as a whole. A row that cannot be taken is a line of its report instead."""

from collections.abc import Sequence

from ipms.errors import DomainError


class ImportRefused(DomainError):
    """Nothing was imported. `sentences` says all that is wrong, one mistake each."""

    code = "VALIDATION_ERROR"

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("\n".join(sentences), sentences=list(sentences))
        self.sentences = list(sentences)


class MappingRefused(ImportRefused):
    """The mapping cannot be used."""


class FileRefused(ImportRefused):
    """The spreadsheet cannot be read, or is not the one that the mapping describes."""
