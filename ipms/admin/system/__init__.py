"""Pages of the site's own settings and of the libraries, in the dress of the others.

Imported once every library has registered its pages, which are replaced here.
"""

from ipms.admin.imports import run_pages as imports
from ipms.admin.system import (
    audit,
    camera,
    events,
    groups,
    health,
    job_runs,
    jobs,
    logins,
    mail,
    panels,
    records,
    search,
    settings,
    start,
    webhook_deliveries,
    webhook_endpoints,
)

__all__ = [
    "audit",
    "camera",
    "events",
    "groups",
    "health",
    "imports",
    "job_runs",
    "jobs",
    "logins",
    "mail",
    "panels",
    "records",
    "search",
    "settings",
    "start",
    "webhook_deliveries",
    "webhook_endpoints",
]
