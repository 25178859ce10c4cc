"""Who reads the records of job runs, and who may run a job by hand."""

from django.db import migrations

from accounts.roles import grant


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_roles"), ("ipms", "0004_job_runs")]
    operations = [grant("ipms", {"admin": ["view_jobrun", "run_jobs"]})]
