"""A PostgreSQL database that was made wrongly is refused with how to make it right."""

from __future__ import annotations

import os
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from django.db import connection

from tests.safety.installations import Installation

if connection.vendor == "postgresql":

    def made(more: str) -> str:
        name = f"yihu_{uuid4().hex[:12]}"
        with psycopg.connect(os.environ["YIHU_DATABASE"], autocommit=True) as own:
            own.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 {more}')
        return urlsplit(os.environ["YIHU_DATABASE"])._replace(path=f"/{name}").geturl()

    def test_a_database_that_is_not_utf8_is_refused(tmp_path):
        address = made("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
        tmp_path.joinpath("home").mkdir()

        done = Installation(tmp_path / "home", address).yihu("places", "load", _list(tmp_path))

        assert done.returncode != 0
        assert "SQL_ASCII" in done.stderr
        assert "ENCODING 'UTF8' TEMPLATE template0" in done.stderr

    def test_a_database_of_another_owner_is_refused_with_what_to_say_to_it(tmp_path):
        address = made("ENCODING 'UTF8'")
        with psycopg.connect(os.environ["YIHU_DATABASE"], autocommit=True) as own:
            own.execute("DROP ROLE IF EXISTS guest")
            own.execute("CREATE ROLE guest LOGIN")
        of_guest = urlsplit(address)
        address = of_guest._replace(netloc=of_guest.netloc.replace("yihu@", "guest@")).geturl()
        tmp_path.joinpath("home").mkdir()

        done = Installation(tmp_path / "home", address).yihu("places", "load", _list(tmp_path))

        assert done.returncode != 0
        assert "OWNER TO" in done.stderr

    def _list(folder) -> str:
        path = folder / "divisions.csv"
        path.write_text("code,name\n45,广西\n", encoding="utf-8")
        return str(path)
