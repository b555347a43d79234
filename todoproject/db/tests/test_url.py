"""DATABASE_URL: what people paste, what is made of it, and what no error ever says."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any

import pytest

from todoproject.db import url
from todoproject.db.url import DatabaseURL, DatabaseURLError, parse

CANARY = "c4n4ryPa55w0rd"
PLAIN = f"postgresql://ann:{CANARY}@db.example.com/todo"
POOLER = f"postgresql://ann:{CANARY}@ep-cool-sun-a1b2-pooler.eu-central-1.aws.neon.tech/todo"


@pytest.mark.parametrize(
    "pasted",
    [
        PLAIN,
        f" {PLAIN}\n",
        f'"{PLAIN}"',
        f"'{PLAIN}'",
        f"psql '{PLAIN}'",
        f'psql "{PLAIN}"',
        f"psql {PLAIN}",
        f"DATABASE_URL={PLAIN}",
        f"export DATABASE_URL='{PLAIN}'\n",
        PLAIN.replace("postgresql:", "postgres:"),
        PLAIN.replace("postgresql:", "POSTGRESQL:"),
        PLAIN.replace("postgresql:", "postgresql+asyncpg:"),
        PLAIN.replace("postgresql:", "postgresql+psycopg:"),
        PLAIN.replace("postgresql:", "postgresql+psycopg2:"),
        PLAIN + "?",
        PLAIN + "?sslmode=require&",
        PLAIN.replace("/todo", ":/todo"),
    ],
)
def test_it_takes_what_people_paste(pasted: str) -> None:
    parsed = parse(pasted)
    assert (parsed.user, parsed.password, parsed.host, parsed.name) == ("ann", CANARY, "db.example.com", "todo")
    assert parsed.port == ""
    assert parsed.options["sslmode"] == "require"


@pytest.mark.parametrize(
    ("written", "password"),
    [("a%2Fb%3Fc%23d%40e%3Af%25g", "a/b?c#d@e:f%g"), ("p@ss:word", "p@ss:word"), ("%C3%A9%20x", "é x"), ("", "")],
)
def test_it_decodes_the_password(written: str, password: str) -> None:
    assert parse(f"postgresql://ann:{written}@db.example.com/todo").password == password


@pytest.mark.parametrize(
    ("text", "host", "port", "is_local"),
    [
        ("postgresql://u@localhost/d", "localhost", "", True),
        ("postgresql://u@127.0.0.1:5433/d", "127.0.0.1", "5433", True),
        ("postgresql://u@127.9.9.9/d", "127.9.9.9", "", True),
        ("postgresql://u@[::1]:5433/d", "::1", "5433", True),
        ("postgresql://u@[2001:db8::1]/d", "2001:db8::1", "", False),
        ("postgresql:///d", "", "", True),
        ("postgresql://u@/d?host=/var/run/postgresql&port=5433", "/var/run/postgresql", "5433", True),
        ("postgresql://u@%2Fvar%2Frun%2Fpostgresql/d", "/var/run/postgresql", "", True),
        ("postgresql://u@0.0.0.0/d", "0.0.0.0", "", False),
        ("postgresql://u@10.0.0.7/d", "10.0.0.7", "", False),
        ("postgresql://u@localhost.example.com/d", "localhost.example.com", "", False),
        ("postgresql://u@localhost/d?hostaddr=203.0.113.1", "localhost", "", False),  # libpq goes to the address
        ("postgresql://u@Db.Example.COM/d", "db.example.com", "", False),
    ],
)
def test_it_knows_what_is_on_this_machine(text: str, host: str, port: str, is_local: bool) -> None:
    parsed = parse(text)
    assert (parsed.host, parsed.port, parsed.is_local) == (host, port, is_local)
    assert parsed.options.get("sslmode") == (None if is_local else "require")


@pytest.mark.parametrize(
    ("host", "direct"),
    [
        ("ep-cool-sun-a1b2-pooler.eu-central-1.aws.neon.tech", "ep-cool-sun-a1b2.eu-central-1.aws.neon.tech"),
        ("ep-x-pooler.c-8.us-east-1.aws.neon.tech", "ep-x.c-8.us-east-1.aws.neon.tech"),
        ("ep-x-pooler.eastus2.azure.neon.tech", "ep-x.eastus2.azure.neon.tech"),
        ("EP-X-Pooler.eastus2.azure.Neon.Tech", "ep-x.eastus2.azure.neon.tech"),
        ("ep-x.eastus2.azure.neon.tech", None),
        ("ep-x-pooler.example.com", None),
        ("ep-x-pooler.neon.tech.example.com", None),
        ("ep-x.pooler-pooler.neon.tech", None),
    ],
)
def test_it_knows_neons_pooler_and_the_way_past_it(host: str, direct: str | None) -> None:
    parsed = parse(f"postgresql://u:p@{host}/d")
    assert parsed.is_neon_pooler == (direct is not None)
    assert parsed.direct().host == (direct or host)
    assert parsed.direct().direct() == parsed.direct()


def test_the_endpoint_goes_past_the_pooler_with_the_host() -> None:
    parsed = parse(f"{POOLER}?options=endpoint%3Dep-cool-sun-a1b2-pooler")
    assert parsed.options["options"] == "endpoint=ep-cool-sun-a1b2-pooler"
    assert parsed.direct().options["options"] == "endpoint=ep-cool-sun-a1b2"


@pytest.mark.parametrize(
    "options", ["-c%20search_path%3Dx", "-csearch_path%3Dx", "--search_path%3Dx", "a%20-c%20b%3Dc"]
)
def test_the_pooler_takes_no_settings(options: str) -> None:
    with pytest.raises(DatabaseURLError, match="ALTER ROLE"):
        parse(f"{POOLER}?options={options}")
    assert parse(f"{PLAIN}?options={options}").options["options"]


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_it_keeps_a_strict_sslmode(mode: str) -> None:
    assert parse(f"{PLAIN}?sslmode={mode}").options["sslmode"] == mode


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_it_refuses_a_weak_sslmode_to_another_machine(mode: str) -> None:
    with pytest.raises(DatabaseURLError, match=f"sslmode={mode}.*write sslmode=require"):
        parse(f"{PLAIN}?sslmode={mode}")
    assert parse(f"postgresql://u@localhost/d?sslmode={mode}").options["sslmode"] == mode


def test_it_names_the_sslmode_of_another_tool() -> None:
    with pytest.raises(DatabaseURLError, match="no-verify: write sslmode=require"):
        parse(f"{PLAIN}?sslmode=no-verify")


def test_verify_full_finds_the_certificates_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    for parameters in ("sslmode=verify-full", "sslmode=verify-full&sslrootcert=system", "sslrootcert=system"):
        options = parse(f"{PLAIN}?{parameters}").options
        assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", str(bundle))
    assert parse(f"{PLAIN}?sslmode=verify-full&sslrootcert=/own.pem").options["sslrootcert"] == "/own.pem"
    with pytest.raises(DatabaseURLError, match="write sslmode=verify-full"):
        parse(f"{PLAIN}?sslmode=require&sslrootcert=system")


def test_verify_full_without_any_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    monkeypatch.setattr(url, "CA_BUNDLES", ())
    nowhere = ssl.get_default_verify_paths()._replace(cafile="")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    with pytest.raises(DatabaseURLError, match="install the package ca-certificates"):
        parse(f"{PLAIN}?sslmode=verify-full")


@pytest.mark.parametrize(
    ("parameter", "advice"),
    [
        ("pgbouncer=true", "leave it out"),
        ("schema=public", "schema `public`"),
        ("currentSchema=public", "schema `public`"),
        ("search_path=public", "schema `public`"),
        ("pool_timeout=3", "DATABASE_TIMEOUT"),
        ("connection_limit=3", "DATABASE_POOL_MAX"),
        ("pool_size=3", "DATABASE_POOL_MAX"),
        ("pool=true", "DATABASE_POOL_MAX"),
        ("max_overflow=3", "DATABASE_POOL_MAX"),
        ("statement_timeout=3", "ALTER ROLE"),
        ("ssl=true", "sslmode=require"),
        ("sslaccept=strict", "sslmode=verify-full"),
        ("uselibpqcompat=true", "leave it out"),
        ("prepared_statements=false", "DATABASE_PREPARED_STATEMENTS"),
        ("prepared_statement_cache_size=0", "DATABASE_PREPARED_STATEMENTS"),
        (f"password={CANARY}", "USER:PASSWORD@HOST"),
        ("user=ann", "USER:PASSWORD@HOST"),
        ("dbname=todo", "HOST/DATABASE"),
    ],
)
def test_it_says_what_to_write_for_the_parameter_of_another_tool(parameter: str, advice: str) -> None:
    with pytest.raises(DatabaseURLError) as caught:
        parse(f"{PLAIN}?sslmode=require&{parameter}", variable="DIRECT_DATABASE_URL")
    message = str(caught.value)
    assert message.startswith(f"DIRECT_DATABASE_URL has the parameter {parameter.partition('=')[0]},")
    assert advice in message
    assert_silent(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        # characters of the password that a URL has another use for
        "postgresql://ann:{}/x@db.example.com/todo",
        "postgresql://ann:12/{}@db.example.com/todo",
        "postgresql://ann:x/{}@db.example.com/todo",
        "postgresql://ann:{}?x@db.example.com/todo",
        "postgresql://ann:x?{}@db.example.com/todo",
        "postgresql://ann:x?{}=1@db.example.com/todo",
        "postgresql://ann:{}#x@db.example.com/todo",
        "postgresql://ann:x#{}@db.example.com/todo",
        "postgresql://ann:{}[x]@db.example.com/todo",
        "postgresql://ann:[{}@db.example.com/todo",
        "postgresql://ann:{}\\x@db.example.com/{} x",
        "postgresql://ann:{}%00@db.example.com/todo",
        "postgresql://ann x:{}@db.example.com/todo",
        # something is missing
        "{}",
        "postgresql://{}",
        "postgresql://{}@",
        "postgresql://:{}",
        "postgresql://ann:{}",
        "postgresql://ann:{}@",
        "postgresql://ann:{}@db.example.com",
        "postgresql://ann:{}@db.example.com/",
        "postgresql://ann:{} db.example.com/todo",
        "postgresql:/ann:{}@db.example.com/todo",
        "postgresql:ann:{}@db.example.com/todo",
        "//ann:{}@db.example.com/todo",
        "ann:{}@db.example.com/todo",
        # hosts, ports and names that are none
        "postgresql://ann:x@{}:port/todo",
        "postgresql://ann:{}@db.example.com:port/todo",
        "postgresql://ann:x@db.example.com:{}/todo",
        "postgresql://ann:{}@db.example.com:99999/todo",
        "postgresql://ann:{}@/todo?host=/tmp&port=99999",
        "postgresql://ann:{}@one.example.com,two.example.com/todo",
        "postgresql://ann:{}@db_one/todo",
        "postgresql://ann:{}@[::1/todo",
        "postgresql://ann:{}@db..example.com/todo",
        f"postgresql://ann:{{}}@{'x' * 64}.example.com/todo",
        "postgresql://[{}]/todo",
        "postgresql://ann:{}@db.example.com/todo/{}",
        "postgresql://ann:{}@db.example.com/todo&sslmode=require",
        "postgresql://ann:{}@db.example.com/todo?host=other.example.com",
        "postgresql://ann:{}@localhost/todo?sslmode=disable&host=other.example.com",
        # another language
        "mysql://ann:{}@db.example.com/todo",
        "jdbc:postgresql://db.example.com/todo?user=ann&password={}",
        "host=db.example.com user=ann password={} dbname=todo",
        "psql -h db.example.com -U ann -W {}",
        # parameters
        "postgresql://ann:x@db.example.com/todo?{}=1",
        "postgresql://ann:x@db.example.com/todo?sslmode={}",
        "postgresql://ann:x@db.example.com/todo?sslmode=require&sslmode={}",
        "postgresql://ann:x@db.example.com/todo?connect_timeout={}",
        "postgresql://ann:x@db.example.com/todo?sslpassword={}",
        "postgresql://ann:x@db.example.com/todo?service={}",
    ],
)
def test_no_error_says_a_piece_of_the_password(template: str) -> None:
    with pytest.raises(DatabaseURLError) as caught:
        parse(template.replace("{}", CANARY))
    assert str(caught.value).startswith("DATABASE_URL ")
    assert_silent(caught.value)


def test_nothing_that_prints_the_url_says_the_password() -> None:
    parsed = parse(PLAIN)
    for text in (repr(parsed), str(parsed), f"{parsed.direct()!r}", repr(parsed.django_settings())):
        assert CANARY not in text
        assert "ann" not in repr(parsed)


def test_it_is_not_set() -> None:
    for text in ("", " \n", "''", "DATABASE_URL="):
        with pytest.raises(DatabaseURLError, match=r"DATABASE_URL is not set. It should look like postgresql://"):
            parse(text)


def test_the_settings_for_django() -> None:
    settings = parse(f"{POOLER}?channel_binding=require&connect_timeout=15").django_settings()
    assert settings == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "todo",
        "USER": "ann",
        "HOST": "ep-cool-sun-a1b2-pooler.eu-central-1.aws.neon.tech",
        "PORT": "",
        "OPTIONS": {
            "channel_binding": "require",
            "connect_timeout": "15",
            "application_name": "todoproject",
            "keepalives_idle": "30",
            "keepalives_interval": "10",
            "keepalives_count": "3",
            "tcp_user_timeout": "15000",
            "sslmode": "require",
        },
        "CONN_MAX_AGE": 0,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def test_the_password_goes_to_libpq(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "before")
    parse("postgresql:///todo").export_password()
    assert os.environ["PGPASSWORD"] == "before"
    parse(PLAIN).export_password()
    assert os.environ["PGPASSWORD"] == CANARY


def assert_silent(error: BaseException) -> None:
    """That neither the error nor what it came from holds four characters of the password in a row."""
    pieces = {CANARY[at : at + 4] for at in range(len(CANARY) - 3)}
    chain: list[Any] = [error]
    while chain:
        link = chain.pop()
        if link is None:
            continue
        for text in (str(link), repr(link), repr(link.args), repr(vars(link))):
            assert not [piece for piece in pieces if piece.lower() in text.lower()], text
        chain += [link.__cause__, link.__context__]


def test_a_url_is_a_value() -> None:
    assert parse(PLAIN) == parse(f"psql '{PLAIN}'")
    assert isinstance(parse(PLAIN), DatabaseURL)
