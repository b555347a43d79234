"""`manage.py doctor`: is the database as the service needs it, and what mends it if not?"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

import psycopg
from django.core.management.base import BaseCommand

from todoproject.db.failures import reason
from todoproject.management.commands.healthcheck import MEANINGS, seconds
from todoproject.management.direct import direct_url, url_in
from todoproject.management.facts import ask
from todoproject.management.findings import CHECKS, Finding


def count(text: str) -> int:
    value = int(text)
    if not 0 < value <= 10_000:
        raise ArgumentTypeError("more than 0 and at most 10000")
    return value


class Command(BaseCommand):
    help = (
        "Looks at the database as the service sees it, and says what is wrong and what mends it. "
        "Exit status: 0 nothing fails, 1 something does, 2 misconfigured."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        workers = os.environ.get("WEB_CONCURRENCY", "")  # uvicorn's own variable
        parser.add_argument(
            "--timeout", type=seconds, default=20, help="how long it may take, in seconds (%(default)s)"
        )
        parser.add_argument("--json", action="store_true", help="one line of JSON")
        parser.add_argument(
            "--workers",
            type=count,
            default=int(workers) if workers.isdecimal() else 1,
            help="how many workers the service has on all machines (WEB_CONCURRENCY, %(default)s)",
        )

    def handle(self, *args: Any, timeout: float, workers: int, **options: Any) -> None:
        url, direct = url_in("DATABASE_URL"), direct_url()
        try:
            facts = asyncio.run(ask(url, direct, workers=workers, patience=timeout))
        except (psycopg.Error, OSError, TimeoutError) as error:
            word = reason(error)
            findings = [Finding("database", "fail", f"{word} ({MEANINGS[word]})")]
        else:
            findings = [check(facts) for check in CHECKS]
        if options["json"]:
            self.stdout.write(json.dumps({"findings": [finding.body() for finding in findings]}))
        else:
            for finding in findings:
                self.tell(finding)
        if any(finding.status == "fail" for finding in findings):
            sys.exit(1)

    def tell(self, finding: Finding) -> None:
        style = {"ok": self.style.SUCCESS, "warn": self.style.WARNING, "fail": self.style.ERROR}[finding.status]
        self.stdout.write(f"{style(f'{finding.status:4}')}  {finding.check}: {finding.message}")
        if finding.mend:
            self.stdout.write(f"      -> {finding.mend}")
