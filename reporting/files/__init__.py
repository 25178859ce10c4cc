"""Documents as files: CSV and JSON are streamed, XLSX and PDF made on the disk; none is held in memory."""

from reporting.files.sending import FORMATS, file_name, open_scratch, respond, stream, write

__all__ = ["FORMATS", "file_name", "open_scratch", "respond", "stream", "write"]
