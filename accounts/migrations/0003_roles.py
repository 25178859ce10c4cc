"""The three roles, and what is not of the business: users, settings, jobs, the audit trail."""

from django.db import migrations

from accounts.roles import grant


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_append_only"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0010_accessattemptexpiration"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("ipms", "0002_initial"),
        ("token_blacklist", "0013_alter_blacklistedtoken_options_and_more"),
    ]
    operations = [
        grant(
            "accounts",
            {
                "admin": [
                    "view_user",
                    "add_user",
                    "change_user",
                    "delete_user",
                    "view_auditentry",
                    "view_tokenfamily",
                    "change_tokenfamily",
                ],
            },
        ),
        grant(
            "auth", {"admin": ["view_group", "add_group", "change_group", "delete_group", "view_permission"]}
        ),
        grant("axes", {"admin": ["view_accessattempt", "delete_accessattempt", "view_accessfailurelog"]}),
        grant("token_blacklist", {"admin": ["view_outstandingtoken", "view_blacklistedtoken"]}),
        grant(
            "django_celery_beat",
            {
                "admin": [
                    f"{verb}_{name}"
                    for verb in ("view", "add", "change", "delete")
                    for name in ("periodictask", "intervalschedule", "crontabschedule")
                ]
            },
        ),
        grant(
            "ipms",
            {
                "staff": ["view_exchangerate"],
                "manager": [
                    "view_exchangerate",
                    "add_exchangerate",
                    "change_exchangerate",
                    "delete_exchangerate",
                ],
                "admin": [
                    "view_exchangerate",
                    "add_exchangerate",
                    "change_exchangerate",
                    "delete_exchangerate",
                    "view_sitesettings",
                    "change_sitesettings",
                    "view_outboxevent",
                    "view_idempotencyrecord",
                    "view_numbersequence",
                ],
            },
        ),
    ]
