"""What stands in the bar above every page: an app contributes its own by `admin.site.register_tool(Bell)`."""

from typing import Any

from django.http import HttpRequest


class Tool:
    """A button in the bar, for everybody who is logged in.

    `context()` runs once on each page that draws the bar: one query at most, answered by an index.
    """

    template: str
    #: Lower comes first.
    order = 100

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {}
