"""The WSGI application as the launcher's web server loads it: a worker ends with its master.

Granian's workers would outlive a master that was killed and keep the port taken.
"""

import signal

from ipms.embedded.processes import die_with_parent

die_with_parent(signal.SIGKILL)

from ipms.wsgi import application  # noqa: E402

__all__ = ["application"]
