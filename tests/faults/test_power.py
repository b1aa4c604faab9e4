"""The reader of traces: an answer that left before the disk had what it promises is seen, and no other is."""

from __future__ import annotations

import pytest

from tests.faults.power import read

WRITE = '71 pwrite64(12</house/data/db.sqlite3-wal>, "7\\177"..., 4096, 32) = 4096'
SYNC = "71 fdatasync(12</house/data/db.sqlite3-wal>) = 0"
SEND = '71 sendto(9<TCP:[127.0.0.1:80->127.0.0.1:9]>, "HTTP/1.1 302 Fou"..., 512, 0, NULL, 0) = 512'
PAGE = SEND.replace("302 Fou", "200 OK\\r")
# PostgreSQL: another process has the log, and strace tells its sync in two halves, with others in between.
ITS_WRITE = '80 pwrite64(5</pg/data/pg_wal/000000010000000000000001>, "\\20"..., 8192, 0) = 8192'
ITS_SYNC = "80 fdatasync(5</pg/data/pg_wal/000000010000000000000001> <unfinished ...>"
ITS_REST = "80 <... fdatasync resumed>) = 0"


@pytest.mark.parametrize(
    "trace",
    [
        [WRITE, WRITE, SYNC, SEND],
        [WRITE, SYNC, PAGE, WRITE, SYNC, SEND],
        [ITS_WRITE, ITS_SYNC, PAGE, ITS_REST, SEND, WRITE],
    ],
)
def test_an_answer_after_the_sync_is_in_order(trace: list[str]) -> None:
    seen = read(trace)
    assert (seen.answers, seen.wrong) == (1, [])
    assert seen.syncs >= 1


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        ([WRITE, SEND], "db.sqlite3-wal not synced"),
        ([WRITE, SEND, SYNC], "db.sqlite3-wal not synced"),
        ([WRITE, SYNC, WRITE, SEND], "db.sqlite3-wal not synced"),
        ([ITS_WRITE, ITS_SYNC, SEND, ITS_REST], "000000010000000000000001 not synced"),
        ([WRITE, "71 fdatasync(14</house/data/other>) = 0", SEND], "db.sqlite3-wal not synced"),
        ([SEND], "nothing was written"),
        ([WRITE, SYNC, PAGE, SEND, SEND], "answer 2: nothing was written"),
    ],
)
def test_an_answer_before_the_sync_is_caught(trace: list[str], told: str) -> None:
    [wrong] = read(trace).wrong
    assert told in wrong
