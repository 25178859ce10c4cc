from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ipms", "0004_job_runs")]
    operations = [
        migrations.AddField(
            model_name="outboxevent",
            name="handled",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text="The subscriptions that are done with it.",
                verbose_name="handled by",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(fields=["delivered_at"], name="outbox_delivered"),
        ),
    ]
