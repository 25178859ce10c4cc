from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "permissions": [
                    ("view_dashboard", "Can see the summary of the dashboard"),
                    ("view_reports", "Can see reports and the dashboard's metrics"),
                    ("export_data", "Can export lists and reports as files"),
                ],
                "managed": False,
                "default_permissions": (),
            },
        ),
    ]
