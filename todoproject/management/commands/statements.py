"""`manage.py statements`: the SQL that the API sends."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand

from accounts import queries as accounts
from todos import queries as todos

# Where a line ends: in front of the words that begin a part of a statement
PARTS = re.compile(
    r"(?<!epoch)(?<!DELETE) (?=(?:FROM|WHERE|GROUP BY|ORDER BY|LIMIT|LEFT JOIN|INNER JOIN|RETURNING|VALUES|"
    r"ON CONFLICT|SET|UNION ALL|near AS|far AS)\b)"
)


class Command(BaseCommand):
    help = "Prints every SQL statement that the API can send, to read or to EXPLAIN; docs/statements.sql keeps a copy."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for queries in (accounts, todos):
            for name, made in queries.statements():
                parameters = ", ".join(f"${number} {name}" for number, name in enumerate(made.arguments, 1))
                planned = "" if made.prepare else "; planned each time"
                sql = PARTS.sub("\n    ", made.sql.decode())
                self.stdout.write(f"-- {name}\n-- {parameters}{planned}\n{sql};\n\n")
