"""`python -m ipms.embedded.web HOST PORT`: the web server of `make run`, without a keeper before it."""

import os
import sys

from ipms.serve import listening, web


def main() -> None:
    """Serve until SIGTERM."""
    host, port = sys.argv[1:]
    web.serve(listening.listen({**os.environ, "HOST": host, "PORT": port}).detach())


if __name__ == "__main__":
    main()
