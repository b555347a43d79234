"""The index of the search. Both extensions are trusted: the owner of the database may create them."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("todos", "0002_touch")]
    operations = [
        # A role may have a time-out for its requests (docs/operations.md); an index of many rows takes longer.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        TrigramExtension(),
        BtreeGinExtension(),  # for the owner's id in front
        migrations.AddIndex(
            model_name="todo",
            index=django.contrib.postgres.indexes.GinIndex(
                name="todo_search",
                fields=["user", "title", "description"],
                opclasses=["uuid_ops", "gin_trgm_ops", "gin_trgm_ops"],
                gin_pending_list_limit=256,
            ),
        ),
    ]
