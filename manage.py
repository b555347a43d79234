#!/usr/bin/env python3
"""Django's command line: `.venv/bin/python manage.py help` lists the commands.

Where no database is configured it uses the private one of `make run`. An older Python 3 has to be able to read this
file, to say that it is the wrong one.
"""

import importlib.util
import os
import shlex
import sys


def main() -> None:
    if sys.argv[1:2] == ["test"]:
        stop("pytest runs the tests. Type: make test")
    if sys.version_info < (3, 11) or not all(map(importlib.util.find_spec, ("django", "ninja", "psycopg"))):
        stop("this Python, " + sys.executable + ", has not got what the service needs. Type: " + command_to_type())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoproject.settings")
    from django.core.management import execute_from_command_line

    from todoproject.development.embedded import EmbeddedPostgresError
    from todoproject.development.environment import StartError, database_at_hand

    try:
        with database_at_hand():
            execute_from_command_line(sys.argv)
    except (EmbeddedPostgresError, StartError) as error:
        stop(str(error))


def command_to_type() -> str:
    checkout = os.path.dirname(os.path.realpath(__file__))
    environment = os.path.join(checkout, ".venv")
    typed = " ".join(map(shlex.quote, [".venv/bin/python", "manage.py"] + sys.argv[1:]))
    if os.path.exists(os.path.join(environment, "bin", "python")) and os.path.realpath(sys.prefix) != environment:
        return typed
    return "make run (once), and then " + typed


def stop(message: str) -> None:
    sys.exit("todoproject: " + message)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
