"""How the settings read the environment and `.env`: each reader returns a value that can be used as it is.

What cannot be used stops the start with one line on standard error. That line names the variable and says what to
write, and never repeats a value: it may be a secret in the wrong place.
"""

from __future__ import annotations

import ipaddress
import multiprocessing
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from dotenv import load_dotenv

QUOTATION_MARKS = "\"'`“”‘’"
HOST = r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}"
ADDRESS = rf"[A-Za-z0-9.!#$%&'*+/=?^_{{|}}~-]+@{HOST}"
NEW_SECRET = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'


def stop(message: str) -> NoReturn:
    """Exit status 2, but 3 in a worker of `uvicorn --workers`: at any other, its parent starts it again for ever."""
    sys.stderr.write(f"todoproject: {message}\n")
    raise SystemExit(3 if multiprocessing.parent_process() else 2)


def load(default: Path) -> None:
    """Add to the environment what it lacks from the file that ENV_FILE names, or from `default` if there is one."""
    path = os.environ.get("ENV_FILE") or default
    if path != default and (Path(path).is_dir() or not Path(path).exists()):
        stop("ENV_FILE should name a file that exists")
    try:
        load_dotenv(path, encoding="utf-8-sig")  # Windows' editors put a byte order mark in front
    except OSError as error:
        stop(f"{path} cannot be read: {error.strerror}")
    except ValueError:
        stop(f"{path} cannot be read: it should be a text file in UTF-8")


def text(name: str, default: str = "") -> str:
    value = os.environ.get(name, "").strip()
    if not value.isprintable():
        stop(f"{name} contains a line break or another invisible character: remove it")
    if len(value) > 1 and value[0] in QUOTATION_MARKS and value[-1] in QUOTATION_MARKS:
        stop(f"{name} is in quotation marks, which would become part of the value: leave them out")
    return value or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name, str(default)).lower()
    if value not in ("1", "true", "yes", "on", "0", "false", "no", "off"):
        stop(f"{name} should be 1 or 0")
    return value in ("1", "true", "yes", "on")


def choice(name: str, default: str, options: Sequence[str]) -> str:
    """One of `options`, in whatever case it is written."""
    value = text(name, default).lower()
    for option in options:
        if option.lower() == value:
            return option
    stop(f"{name} should be {', '.join(options[:-1])} or {options[-1]}")


def whole_number(name: str, default: int, *, least: int = 0, most: int) -> int:
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,15}", value) or not least <= int(value) <= most:
        stop(f"{name} should be a whole number from {least} to {most}")
    return int(value)


def seconds(name: str, default: float, *, least: float = 0.1, most: float) -> float:
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{0,15}\.?[0-9]{1,15}", value) or not least <= float(value) <= most:
        stop(f"{name} should be a number of seconds from {least:g} to {most:g}")
    return float(value)


def names(name: str, problem: Callable[[str], str | None], example: str, default: Sequence[str] = ()) -> list[str]:
    """A list with commas. `problem` says what an entry should look like instead, or None."""
    entries = [entry.strip() for entry in text(name).split(",") if entry.strip()]
    for place, entry in enumerate(entries, 1):
        if re.search(r"[\s;|\"]", entry):
            stop(f"{name} should have commas between its entries and nothing else, like {example}")
        if complaint := problem(entry):
            stop(f"{name} {f'has a mistake in entry {place}, which ' if len(entries) > 1 else ''}{complaint}")
    return entries or list(default)


def secret(name: str) -> str:
    value = text(name)
    if problem := secret_problem(value) if value else "is not set":
        stop(f"{name} {problem}. It should be at least 50 random characters: {NEW_SECRET}")
    return value


def former_secrets(name: str, of: str) -> list[str]:
    """A list of values that `of` had before."""
    entries = [entry.strip() for entry in text(name).split(",") if entry.strip()]
    for entry in entries:
        problem = "contains a blank or a semicolon" if re.search(r"[\s;]", entry) else secret_problem(entry)
        if problem:
            stop(f"{name} has an entry that {problem}. It should list former values of {of}, separated by commas")
    return entries


def secret_problem(value: str) -> str | None:
    if len(value) < 50:
        return "is too short"
    return "is not random" if len(set(value)) < 5 else None


def ascii_text(name: str) -> str:
    value = text(name)
    if not value.isascii():
        stop(f"{name} should contain ASCII characters only: no others can be sent when logging in to a mail server")
    return value


def mail_host(name: str) -> str:
    value = text(name)
    if value and not is_host(value) and not is_ipv6(value):
        stop(f"{name} should be a host name alone, like smtp.example.com: the port is in EMAIL_PORT")
    return value


def sender(name: str, default: str) -> str:
    """An e-mail address, with or without a name in front."""
    value = text(name, default)
    if not re.fullmatch(rf"{ADDRESS}|[^<>@,;]+ <{ADDRESS}>", value):
        stop(f"{name} should be an e-mail address, like todo@example.com or To-do <todo@example.com>")
    return value


# --- What an entry of a list should look like -------------------------------------------------------------------------


def address_problem(entry: str) -> str | None:
    return None if re.fullmatch(ADDRESS, entry) else "should be an e-mail address, like admin@example.com"


def host_problem(entry: str) -> str | None:
    """Of ALLOWED_HOSTS, where `*` is every host and `.example.com` is a domain with its subdomains."""
    if entry == "*" or is_host(entry.removeprefix(".")):
        return None
    if entry.startswith("*."):
        return "should be written .example.com, not *.example.com, to stand for a domain and its subdomains"
    if is_ipv6(entry):
        return "should have its IPv6 address in brackets, like [::1]"
    if not entry.isascii():
        return "should be in ASCII, as browsers send it: xn--bcher-kva.example for bücher.example"
    return "should be a host name alone, like api.example.com, without https://, a port or a path"


SCHEMES = ("https", "http", "capacitor", "ionic", "tauri")  # the last three are those of web pages within an app


def origin_problem(entry: str, *, wildcard: bool = False) -> str | None:
    """`wildcard`: whether the host may begin with `*.`, as in Django's CSRF_TRUSTED_ORIGINS."""
    if entry == "*":
        return (
            "should name each origin, like https://app.example.com: * would let any website act on behalf of the users"
        )
    if entry == "null":
        return (
            "should not be null, which any website can send: "
            "serve the page over HTTP and name its origin, like http://localhost:5173"
        )
    scheme, separator, rest = entry.partition("://")
    if scheme not in SCHEMES or not separator:
        return "should start with https:// or http://, like https://app.example.com"
    if re.search(r"[/?#@\\]", rest):
        return "should end with the host or the port, without a slash or a path, like https://app.example.com"
    host, port = re.fullmatch(r"(\[[^]]*\]|[^:]*)(.*)", rest).groups()  # type: ignore[union-attr]  # matches any
    if wildcard:
        host = host.removeprefix("*.")
    if "*" in host:
        return (
            "should have its * in front of a domain, like https://*.example.com"
            if wildcard
            else "should name each host in full, like https://app.example.com: wildcards do not work here"
        )
    if not host.isascii() or host != host.lower():
        return "should be in lower case and ASCII, as browsers send it: xn--bcher-kva.example for bücher.example"
    if not is_host(host):
        return "should have a host name after ://, like https://app.example.com"
    if port and not (re.fullmatch(r":[1-9][0-9]{0,4}", port) and int(port[1:]) < 65536):
        return "should have a port from 1 to 65535, like http://localhost:5173, or none"
    if port == {"http": ":80", "https": ":443"}.get(scheme):
        return f"should be without {port}, which browsers leave out for {scheme}://"
    return None


def trusted_origin_problem(entry: str) -> str | None:
    return origin_problem(entry, wildcard=True)


def is_host(value: str) -> bool:
    """A host name, an IPv4 address, or an IPv6 address in brackets."""
    in_brackets = value.startswith("[") and value.endswith("]") and is_ipv6(value[1:-1])
    return len(value) < 254 and bool(in_brackets or re.fullmatch(HOST, value))


def is_ipv6(value: str) -> bool:
    try:
        return ipaddress.IPv6Address(value).scope_id is None
    except ValueError:
        return False
