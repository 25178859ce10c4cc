"""JSON: `{"data": […], "count": n, "exported_at": "…Z"}`, written while the rows come."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

_CHUNK_CHARACTERS = 64 * 1024


def chunks(rows: Iterable[Mapping[str, Any]], *, exported_at: datetime) -> Iterator[bytes]:
    """Yield the file in pieces of some tens of kilobytes; nothing holds more than one of them."""
    encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    parts, size, count = ['{"data":['], 0, 0
    for row in rows:
        text = encode(row)
        parts.append(f",{text}" if count else text)
        count += 1
        size += len(text)
        if size >= _CHUNK_CHARACTERS:
            yield "".join(parts).encode()
            parts, size = [], 0
    moment = exported_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    parts.append(f'],"count":{count},"exported_at":{json.dumps(moment)}}}')
    yield "".join(parts).encode()
