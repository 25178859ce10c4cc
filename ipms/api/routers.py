from rest_framework.routers import SimpleRouter


class Router(SimpleRouter):
    """Routes without a trailing slash; the prefix may be empty."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=False)
