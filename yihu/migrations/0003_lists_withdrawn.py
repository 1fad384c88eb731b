"""Lists that are withdrawn; those compared before were kept as work items at once."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def kept_already(apps: Any, _: Any) -> None:
    """Until now a list was kept with its comparison: say so of those there are."""
    rows = apps.get_model("yihu", "Upload").objects.filter(use="list", state="read")
    rows.update(state="written")


class Migration(migrations.Migration):

    dependencies = [
        ("yihu", "0002_households_that_are_open"),
    ]

    operations = [
        migrations.AddField(
            model_name="difference",
            name="displaced_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="displaced",
                to="yihu.upload",
            ),
        ),
        migrations.AlterField(
            model_name="difference",
            name="state",
            field=models.CharField(default="open", max_length=9),
        ),
        migrations.RunPython(kept_already, migrations.RunPython.noop),
    ]
