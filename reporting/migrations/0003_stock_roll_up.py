import datetime

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0007_posted_at_index"),
        ("reporting", "0002_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="StockRollUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "watermark",
                    models.BigIntegerField(
                        default=0,
                        help_text="Every movement up to this key is in the sums, and none beyond it.",
                        verbose_name="summed up to",
                    ),
                ),
                (
                    "candidate",
                    models.BigIntegerField(
                        default=0,
                        help_text="Once nothing can be missing below it.",
                        verbose_name="next to be summed up to",
                    ),
                ),
                (
                    "candidate_number",
                    models.BigIntegerField(
                        default=0,
                        help_text="The candidate holds when every transaction with a smaller number has ended.",
                        verbose_name="transaction",
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
            ],
            options={
                "verbose_name": "state of the stock's sums",
                "verbose_name_plural": "state of the stock's sums",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_row_of_stock_roll_up")
                ],
            },
        ),
        migrations.CreateModel(
            name="StockClosing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                ("until", models.DateField(default=datetime.date(9999, 12, 31), verbose_name="until")),
                ("quantity", models.DecimalField(decimal_places=4, max_digits=30, verbose_name="quantity")),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=4, help_text="In base currency.", max_digits=30, verbose_name="value"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.item",
                        verbose_name="item",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.location",
                        verbose_name="location",
                    ),
                ),
            ],
            options={
                "verbose_name": "month-end stock",
                "verbose_name_plural": "month-end stock",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["until", "month"], name="stock_closing_until"),
                    models.Index(fields=["month"], name="stock_closing_month"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("item", "location", "month"), name="stock_closing_once"),
                    models.CheckConstraint(
                        condition=models.Q(("month__lt", models.F("until"))),
                        name="stock_closing_holds_a_while",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("occurred_month", models.DateField(verbose_name="month in which it happened")),
                ("posted_month", models.DateField(verbose_name="month in which it was posted")),
                ("quantity", models.DecimalField(decimal_places=4, max_digits=30, verbose_name="quantity")),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=4, help_text="In base currency.", max_digits=30, verbose_name="value"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.item",
                        verbose_name="item",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.location",
                        verbose_name="location",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock moved in a month",
                "verbose_name_plural": "stock moved by month",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["occurred_month"], name="stock_month_occurred"),
                    models.Index(
                        condition=models.Q(("posted_month__gt", models.F("occurred_month"))),
                        fields=["posted_month"],
                        name="stock_month_late",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "location", "occurred_month", "posted_month"), name="stock_month_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("occurred_month__lte", models.F("posted_month"))),
                        name="stock_month_posted_afterwards",
                    ),
                ],
            },
        ),
    ]
