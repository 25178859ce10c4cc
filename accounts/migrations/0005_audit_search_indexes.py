from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_job_run_roles"), ("ipms", "0001_functions")]
    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=GinIndex(OpClass(Upper("object_repr"), name="gin_trgm_ops"), name="audit_object_part"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(condition=~models.Q(event=""), fields=["event", "-id"], name="audit_event"),
        ),
    ]
