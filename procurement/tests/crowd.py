"""Many people at once: real threads, each on a connection of its own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from ipms.errors import DomainError


def at_once(*tasks):
    """Run each task in a thread, all let go together; answer with their results or refusals, in order."""
    together = threading.Barrier(len(tasks))

    def run(task):
        try:
            together.wait(timeout=30)
            return task()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))
