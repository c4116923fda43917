"""The store of calls: keys that tell requests apart, replies as they were, accounts, crashes, damage, and two runs at once."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simcons.engines.base import AnswerFormat, Finish, Message, Reply, Request, unanswered
from simcons.engines.calls.file import ADD_PROMPT, SCHEMA_VERSION, SET_META, schema, storage_errors
from simcons.engines.calls.keys import N_COLUMNS_1, PROMPTS_REMEMBERED, call_row, prompt_row, verified_call
from simcons.engines.calls.store import (
    CallStore,
    CorruptStore,
    KeyMaker,
    call_key,
    open_read_only,
    open_store,
)
from simcons.engines.usage import NOTHING, Account, Usage
from simcons.errors import StorageError
from simcons.scenario.engines import PriceSettings, SamplingSettings
from simcons.seeds import stream

IDENTITY = {"kind": "scripted", "model": "abc", "temperature_floor": 0.5, "adapter": None}
ANY_TEXT = st.text(st.characters(exclude_categories=[]))  # lone surrogates and NUL among them
LONE = "\ud83d\ude00"  # two lone surrogates, which ASCII JSON writes as it does the character they would encode
MESSAGES = st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant", "text"]), ANY_TEXT), max_size=3)
SAMPLINGS = st.builds(
    SamplingSettings,
    temperature=st.sampled_from([0.0, 0.1, 0.9, 1.0]),
    min_p=st.sampled_from([0.0, 0.1]),
    max_tokens=st.integers(1, 3),
)
REQUESTS = st.builds(
    Request,
    engine=st.just("m"),
    messages=MESSAGES.map(tuple),
    sampling=SAMPLINGS,
    seed=st.integers(0, 2**70),
    draw=st.integers(0, 3),
    answer=st.sampled_from(get_args(AnswerFormat)),
    choices=st.lists(ANY_TEXT, max_size=3).map(tuple),
    schema=st.just("") | ANY_TEXT,
)
IDENTITIES = st.dictionaries(ANY_TEXT, st.none() | ANY_TEXT | st.integers() | st.floats(allow_nan=False), max_size=3)
REPLIES = st.builds(
    Reply,
    text=ANY_TEXT,
    tokens_in=st.integers(0, 2**40),
    tokens_out=st.integers(0, 2**40),
    finish=st.sampled_from(get_args(Finish)),
    logprobs=st.lists(st.floats(max_value=0), max_size=7).map(tuple),
    seconds=st.floats(min_value=0, allow_infinity=False),
    reasoning=st.just("") | ANY_TEXT,
    seen=st.just("") | ANY_TEXT,
    scores=st.lists(st.none() | st.floats(allow_nan=False), max_size=4).map(tuple),
)


def request(k: int = 0, **parts) -> Request:
    """Three samples a prompt, two acts, every seed another."""
    given = {"messages": (Message("user", f"prompt {k // 3}"),), "seed": k, "draw": k % 3, "act": "ab"[k % 2]}
    return Request("m", **{"sampling": SamplingSettings(), **given, **parts})


def reply(k: int = 0) -> Reply:
    """One in five ran out of tokens, one in seven had reasoning."""
    text, finish = f"reply {k} " + "word " * (k % 40), "stop" if k % 5 else "length"
    return Reply(text, 10 + k, 5, finish, (-0.5, -k / 7), k / 3, reasoning="" if k % 7 else f"reasoning {k}")


def calls(*numbers: int) -> list[tuple[bytes, Request, Reply]]:
    return [(call_key(IDENTITY, request(k)), request(k), reply(k)) for k in numbers]


def filled(path, n_calls: int = 60):
    """A closed store of calls 0 to n_calls - 1, put in tens."""
    with CallStore(path) as store:
        store.register({"m": IDENTITY}, {"m": PriceSettings(input=1, output=2)})
        for start in range(0, n_calls, 10):
            store.put(calls(*range(start, min(n_calls, start + 10))))
    return path


@pytest.fixture
def memory_folder(tmp_path):
    """A folder in memory where there is such a thing: opening and closing wait for the disk, and here they are many."""
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=shared) as folder:
        yield Path(folder)


def found(store: CallStore, n_calls: int) -> list[int]:
    """The calls the store has, each checked against what was put."""
    wanted = SIXTY[:n_calls] if n_calls <= 60 else calls(*range(n_calls))
    got = [(k, store.get(key), expected) for k, (key, _, expected) in enumerate(wanted)]
    assert all(reply in (None, expected) for _, reply, expected in got)
    assert all(reply.seconds == expected.seconds for _, reply, expected in got if reply)
    return [k for k, reply, _ in got if reply]


def found_but(store: CallStore, n_calls: int, *, without: int) -> list[int]:
    wanted = [call for k, call in enumerate(SIXTY[:n_calls]) if k != without]
    assert all(store.get(key) in (None, expected) for key, _, expected in wanted)
    return [asked.seed for key, asked, _ in wanted if store.get(key)]


SIXTY = calls(*range(60))


# --- keys --------------------------------------------------------------------------------------------------------


@given(IDENTITIES, REQUESTS, IDENTITIES, REQUESTS)
@example({"a": 1}, request(messages=(Message("user", LONE),)), {"a": 1}, request(messages=(Message("user", "😀"),)))
@example({"a": "1"}, request(), {"a": 1}, request())
def test_two_keys_are_equal_where_what_a_reply_depends_on_is(identity, first, other_identity, second):
    same = (repr(sorted(identity.items())), first) == (repr(sorted(other_identity.items())), second)
    assert (call_key(identity, first) == call_key(other_identity, second)) == same


@pytest.mark.parametrize(
    "change",
    [
        {"messages": (Message("system", "ab"), Message("user", "c"))},
        {"messages": (Message("system", "a"), Message("user", "bc"))},
        {"messages": (Message("user", "a"), Message("user", "bc"))},
        {"messages": (Message("user", "abc"),)},
        {"sampling": SamplingSettings(temperature=0.91)},
        {"sampling": SamplingSettings(min_p=0.07)},
        {"sampling": SamplingSettings(max_tokens=111)},
        {"seed": 1},
        {"draw": 1},
        {"seed": 10, "draw": 0},
        {"seed": 1, "draw": 10},
        {"answer": "choice"},
        {"answer": "choice", "choices": ("ab", "c")},
        {"answer": "choice", "choices": ("a", "bc")},
        {"schema": "{}"},
    ],
    ids=repr,
)
def test_a_request_that_differs_in_one_field_has_a_key_of_its_own(change):
    assert call_key(IDENTITY, request(**change)) != call_key(IDENTITY, request())


def test_act_and_name_of_the_engine_are_for_the_accounts_alone():
    assert call_key(IDENTITY, replace(request(), act="x", engine="y")) == call_key(IDENTITY, request())
    assert len(call_key(IDENTITY, request())) == 32


def test_a_key_does_not_depend_on_those_before_it():
    keys = KeyMaker(IDENTITY)
    for k in [*range(3 * PROMPTS_REMEMBERED + 9), 0, 1]:
        assert keys.key(request(k)) == call_key(IDENTITY, request(k))


# --- replies and accounts ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_one(tmp_path_factory):
    with CallStore(tmp_path_factory.mktemp("store") / "calls.sqlite") as store:
        yield store


@given(IDENTITIES, REQUESTS, ANY_TEXT, REPLIES)
@example({}, request(), LONE, Reply("\0" + LONE, 0, 0, "stop", (float("-inf"), -0.0, -5e-324), -0.0, LONE, "\0"))
def test_a_reply_comes_back_as_it_was(open_one, identity, asked, act, wanted):
    key = call_key(identity, asked)
    before = open_one.get(key)
    open_one.put([(key, replace(asked, act=act), wanted)])
    got = open_one.get(key)
    expected = before or wanted
    assert (got, got.seconds) == (expected, expected.seconds)
    assert [*map(repr, got.logprobs + got.scores)] == [*map(repr, expected.logprobs + expected.scores)]


def test_a_run_goes_on_and_a_replay_needs_no_engine(tmp_path):
    path = tmp_path / "calls.sqlite"
    with open_store(path)[0] as store:
        store.register({"m": IDENTITY}, {"m": PriceSettings(input=1, output=2)})
        assert store.get(calls(0)[0][0]) is None
        store.put(calls(0, 1))
        store.count_hits("m", "a", 2)
    assert [file.name for file in tmp_path.iterdir()] == ["calls.sqlite"]
    store, note = open_store(path)
    with store:
        store.register({"n": {"kind": "other"}}, {})
        store.put([*calls(2), *((key, replace(asked, engine="n"), got) for key, asked, got in calls(3, 4))])
        store.count_hits("m", "a", 1)
    assert (note, store.notes) == (None, [])
    with open_read_only(path) as replay:
        assert found(replay, 6) == [0, 1, 2, 3, 4]
        assert replay.identities() == {"m": IDENTITY, "n": {"kind": "other"}}


def test_a_reply_to_another_reading_of_a_prompt_is_none_and_a_replay_gets_the_last(tmp_path):
    """A chat template writes the date: what was read on Monday is asked again on Tuesday, and stays for the accounts."""
    path, (key, asked, monday) = tmp_path / "calls.sqlite", calls(0)[0]
    tuesday = replace(monday, text="on Tuesday", tokens_in=90)
    with CallStore(path) as store:
        store.put([(key, asked, monday)], read_as={key: "mon"})
        assert (store.get(key, read_as="mon"), store.get(key, read_as="tue"), store.get(key)) == (monday, None, monday)
        store.put([(key, asked, tuesday)], read_as={key: "tue"})
        store.put([(key, asked, monday)], read_as={key: "tue"})  # there already
    with CallStore(path) as store, open_read_only(path) as replay:
        assert (store.get(key, read_as="tue"), store.get(key, read_as="mon"), replay.get(key)) == (
            tuesday,
            None,
            tuesday,
        )
        assert store.total().n_calls == 2
        assert store.total().tokens == monday.tokens_in + 90 + 2 * 5
    with CallStore(path) as store:
        store.put([(key, asked, monday)], read_as={key: "mon"})
        assert (store.get(key), store.total().n_calls) == (monday, 3)
    database = sqlite3.connect(path)
    assert all(verified_call(row) for row in database.execute("SELECT * FROM calls"))
    database.close()


def test_replies_of_which_nobody_knows_how_their_prompt_was_read_stand(tmp_path):
    path = filled_by(1, tmp_path / "calls.sqlite", 2)
    with CallStore(path) as store:
        assert store.get(calls(1)[0][0], read_as="mon") == reply(1)
        store.put(calls(1), read_as={calls(1)[0][0]: "mon"})
        assert (store.get(calls(1)[0][0]), store.total().n_calls) == (reply(1), 2)


def test_accounts_are_those_of_the_calls_in_the_store(tmp_path):
    """Call k has 10 + k tokens in and 5 out; one in five ran out of tokens. Prices: 1 and 2 per million, n is free."""
    path = tmp_path / "calls.sqlite"
    with CallStore(path) as store:
        store.register({"m": IDENTITY}, {"m": PriceSettings(input=1e6, output=2e6)})
        store.put(calls(0, 1, 2))
        store.put(calls(2, 2))  # there already
        store.put([(key, replace(asked, engine="n"), got) for key, asked, got in calls(3)])
        store.put([(key, asked, unanswered("filtered", "status 400")) for key, asked, _ in calls(4)])
        store.count_hits("m", "a", 4)
        store.count_hits("m", "c", 1)
        expected = [
            Account("a", "m", Usage(3, 4, 22, 10, pytest.approx(2 / 3), 42.0, 1, 1)),
            Account("b", "m", Usage(1, 0, 11, 5, pytest.approx(1 / 3), 21.0, 0)),
            Account("b", "n", Usage(1, 0, 13, 5, pytest.approx(3 / 3), 0.0, 0)),
            Account("c", "m", Usage(n_hits=1)),
        ]
        total = Usage(5, 5, 46, 20, pytest.approx(2), 63.0, 1, 1)
        assert (store.accounts(), store.total()) == (expected, total)
    with CallStore(path) as again:
        assert (again.accounts(), again.total()) == (expected, total)


def test_a_prompt_is_stored_once_and_in_plain_words(tmp_path):
    path = filled(tmp_path / "calls.sqlite", 9)
    database = sqlite3.connect(path)
    rows = database.execute("SELECT messages, COUNT(*) FROM prompts JOIN calls ON prompt = id GROUP BY id ORDER BY 1")
    assert [(json.loads(text), n) for text, n in rows] == [([["user", f"prompt {k}"]], 3) for k in range(3)]
    database.close()


def test_a_put_that_fails_is_undone_and_the_next_one_is_whole(tmp_path):
    """The prompt of the failed put is not taken for stored: its row is there after the second."""
    path = tmp_path / "calls.sqlite"
    with CallStore(path) as store:
        with pytest.raises(TypeError):
            store.put([*calls(0), (b"k", request(1), replace(reply(1), tokens_in=object()))])
        assert (store.get(calls(0)[0][0]), store.total()) == (None, NOTHING)
        store.put(calls(0))
    test_database = sqlite3.connect(path)
    assert test_database.execute("SELECT COUNT(*) FROM prompts JOIN calls ON prompt = id").fetchone() == (1,)
    test_database.close()


def kept_by(version: int, k: int) -> Reply:
    """Reply k as far as a store of that version has a place for it: reasoning from the second on, scores from the third."""
    return reply(k) if version > 1 else replace(reply(k), reasoning="")


def filled_by(version: int, path: Path, n_calls: int) -> Path:
    """A store of an earlier version, whose table ``calls`` lacks columns that later ones have."""
    database = sqlite3.connect(path)
    for statement in schema(version):
        database.execute(statement)
    database.executemany(SET_META, [("schema_version", version), ("closed", 1)])
    n_columns = {1: N_COLUMNS_1, 2: N_COLUMNS_1 + 3}[version]
    for k, (key, asked, _) in enumerate(calls(*range(n_calls))):
        prompt = prompt_row(asked.messages)
        row = call_row(key, prompt[0], asked, kept_by(version, k), price=0.0, at="2026-01-01")
        database.execute(ADD_PROMPT, prompt)
        database.execute(f"INSERT INTO calls VALUES ({', '.join('?' * n_columns)})", row[:n_columns])
    database.commit()
    database.close()
    return path


@pytest.mark.parametrize("version", [1, 2])
def test_a_store_of_an_earlier_version_is_replayed_as_it_is_and_goes_on(tmp_path, version):
    path = filled_by(version, tmp_path / "calls.sqlite", 5)
    before = path.read_bytes()
    with open_read_only(path) as replay:
        assert [replay.get(call_key(IDENTITY, request(k))) for k in range(5)] == [kept_by(version, k) for k in range(5)]
    assert path.read_bytes() == before
    store, note = open_store(path)
    key, scored = call_key(IDENTITY, request(9)), replace(reply(9), scores=(6.5, None))
    with store:
        store.put([*calls(7), (key, request(9), scored)])
    assert note is None
    with CallStore(path) as store:
        assert store.get(key) == scored
        assert store.get(calls(7)[0][0]).reasoning == "reasoning 7"
        assert [store.get(call_key(IDENTITY, request(k))) for k in range(5)] == [kept_by(version, k) for k in range(5)]
        assert store.total().n_calls == 7


def test_the_checksum_tells_which_column_is_filled(tmp_path):
    """The same text as reasoning, as what was seen, and as scores."""
    texts = [replace(reply(1), reasoning="[1.0]"), replace(reply(1), seen="[1.0]"), replace(reply(1), scores=(1.0,))]
    rows = [call_row(b"k", b"p", request(1), each, price=0.0, at="2026-01-01") for each in texts]
    assert len({row[N_COLUMNS_1 - 1] for row in rows}) == 3


def test_a_damaged_store_of_the_first_version_gives_its_sound_calls(tmp_path):
    path = filled_by(1, tmp_path / "calls.sqlite", 5)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"reply 3 ", b"reply 8 "))
    with open_read_only(path) as replay, pytest.raises(CorruptStore, match="does not match its checksum"):
        replay.get(calls(3)[0][0])
    path.write_bytes(data[:-4096] + b"\0" * 4096)
    store, note = open_store(path)
    with store:
        assert "set aside" in note
        assert found_but(store, 5, without=0)


# --- crashes -----------------------------------------------------------------------------------------------------


def run_in_child(work) -> tuple[int, int]:
    """Fork a child that runs ``work(pipe)`` and never returns; its process id, and the end of the pipe to read from."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            work(writing)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    return child, reading


def keep_putting(path, first: int):
    """Put calls from number ``first`` on, two at a time, and say which are put; open and close often."""

    def work(pipe: int) -> None:
        number = first
        while True:
            with CallStore(path) as store:
                for _ in range(4):
                    store.put(calls(number, number + 1))
                    os.write(pipe, number.to_bytes(4, "big"))
                    number += 2

    return work


def killed_after(n_acknowledged: int, seconds: float, work) -> list[int]:
    """The numbers that ``work`` said, killed so many seconds after it has said so many."""
    child, reading = run_in_child(work)
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        said = b"".join(pipe.read(4) for _ in range(n_acknowledged))
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := pipe.read(4):
            said += more
    return [int.from_bytes(said[k : k + 4], "big") for k in range(0, len(said), 4)]


@pytest.mark.parametrize("n_kills", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_what_was_put_survives_a_kill_at_any_moment(memory_folder, n_kills):
    """Kills of one store's users, from before the file is there to within opening, putting and closing."""
    path, acknowledged, rng = memory_folder / "calls.sqlite", [], stream(n_kills, "kills")
    for kill in range(n_kills):
        work = keep_putting(path, kill * 1000)
        put = killed_after(int(rng.integers(0, 8)), float(rng.uniform(0, 0.005)), work)
        acknowledged += [k for number in put for k in (number, number + 1)]
        store, note = open_store(path)
        with store:
            assert note is None
            assert all(store.get(key) == got for key, _, got in calls(*acknowledged[-20:]))
    with open_read_only(path) as store:
        assert all(store.get(key) == got for key, _, got in calls(*acknowledged))
        n_acknowledged = len(set(acknowledged))  # a user that lives long puts what the next one puts again
        assert n_acknowledged <= store.total().n_calls <= n_acknowledged + 2 * n_kills


def test_a_store_whose_user_died_is_read_with_its_log(tmp_path):
    """The log beside the file is read too; neither it nor the file is changed by reading."""
    path = tmp_path / "calls.sqlite"
    child, reading = run_in_child(keep_putting(path, 0))
    assert len(os.read(reading, 4)) == 4
    os.kill(child, signal.SIGSTOP)  # so that the copy is of one moment
    os.waitpid(child, os.WUNTRACED)
    copies = [shutil.copy(file, tmp_path.parent / file.name) for file in tmp_path.iterdir()]
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)
    path = tmp_path.parent / "calls.sqlite"
    before = path.read_bytes()
    with open_read_only(path) as store:
        assert store.get(calls(0)[0][0]) == reply(0)
    assert path.read_bytes() == before
    for copy in copies:
        os.unlink(copy)


# --- damage ------------------------------------------------------------------------------------------------------


def reads_nothing_wrong(path, open_it) -> list[int] | None:
    """The calls found, each as it was put or refused; None where the file as a whole was refused, in one line."""
    try:
        with open_it(path) as store:
            return [k for k, (key, _, expected) in enumerate(SIXTY) if found_or_refused(store, key, expected)]
    except StorageError as error:
        message = str(error)
    assert "\n" not in message
    assert str(path) in message
    return None


def found_or_refused(store: CallStore, key: bytes, expected: Reply) -> bool:
    try:
        got = store.get(key)
    except CorruptStore:
        return False
    assert got is None or (got, got.seconds) == (expected, expected.seconds)
    return got is not None


def with_flipped_bit(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1 :]


def test_no_damage_to_a_byte_gives_a_wrong_reply(memory_folder):
    """Every byte of the header, and 250 others, each with one bit flipped. A run that comes upon damage may end by it; the
    next one mends the store. Byte 18 is left out: other values than 1 and 2 tell SQLite that it may not write.
    """
    data = filled(memory_folder / "whole.sqlite").read_bytes()
    rng = stream(2, "damage")
    saved = []
    for k, place in enumerate([*range(18), *range(19, 100), *rng.integers(100, len(data), 250).tolist()]):
        path = memory_folder / str(k) / "calls.sqlite"
        path.parent.mkdir()
        path.write_bytes(with_flipped_bit(data, place, int(rng.integers(8))))
        reads_nothing_wrong(path, open_read_only)
        got = reads_nothing_wrong(path, CallStore)
        if got is None or len(got) < 59:
            store, _ = open_store(path)
            with store:
                saved.append(len(found(store, 60)))
        shutil.rmtree(path.parent)
    assert len(saved) > 20


def test_a_damaged_reply_is_found_and_the_next_run_sets_the_file_aside(tmp_path):
    path = filled(tmp_path / "calls.sqlite")
    path.write_bytes(path.read_bytes().replace(b"reply 7 ", b"reply 8 "))
    with open_read_only(path) as replay, pytest.raises(CorruptStore, match="a reply does not match its checksum"):
        replay.get(calls(7)[0][0])
    with CallStore(path) as store, pytest.raises(CorruptStore, match=r"calls\.sqlite: is damaged"):
        store.get(calls(7)[0][0])
    store, note = open_store(path)
    with store:
        assert found(store, 60) == [k for k in range(60) if k != 7]
        assert store.total().n_calls == 59
        assert store.notes == [note]
        store.put(calls(7))
    assert note.endswith("it was set aside as 'calls.corrupt-1.sqlite', and 59 sound calls were kept")
    assert {file.name for file in tmp_path.iterdir()} == {"calls.sqlite", "calls.corrupt-1.sqlite"}


@pytest.mark.parametrize("keep", [0.3, 0.8, 0.95])
def test_a_file_cut_short_keeps_what_is_left(tmp_path, keep):
    path = filled(tmp_path / "calls.sqlite")
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))])
    assert reads_nothing_wrong(path, open_read_only) is None
    store, note = open_store(path)
    with store:
        assert note is not None
        assert (len(found(store, 60)) > 0) == (keep > 0.7)


def test_a_file_that_is_none_of_ours_is_set_aside(tmp_path):
    path = tmp_path / "calls.sqlite"
    path.write_text("Dear diary,\n" * 1000)
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE diary (day)")
    other.close()
    for n in (1, 2):
        with pytest.raises(CorruptStore):
            CallStore(path)
        store, note = open_store(path)
        store.close()
        assert f"calls.corrupt-{n}.sqlite', and 0 sound calls were kept" in note
        shutil.copy(tmp_path / "other.sqlite", path)
    assert (tmp_path / "calls.corrupt-1.sqlite").read_text().startswith("Dear diary")


def test_an_empty_file_is_a_new_store_to_a_run_and_none_to_a_reader(tmp_path):
    path = tmp_path / "calls.sqlite"
    path.touch()
    with pytest.raises(CorruptStore):
        open_read_only(path)
    with CallStore(path) as store:
        assert found(store, 3) == []


def test_the_log_of_another_store_does_no_harm(tmp_path):
    path, other = filled(tmp_path / "calls.sqlite"), tmp_path / "other.sqlite"
    with CallStore(other) as store:
        store.put(calls(*range(40, 80)))
        log = (tmp_path / "other.sqlite-wal").read_bytes()
    (tmp_path / "calls.sqlite-wal").write_bytes(log)
    got = reads_nothing_wrong(path, CallStore)
    store, _ = open_store(path)
    with store:
        assert set(found(store, 60)) >= set(got or [])


# --- others ------------------------------------------------------------------------------------------------------


def test_two_runs_cannot_share_a_store_but_one_can_be_read(tmp_path):
    path = filled(tmp_path / "calls.sqlite", 3)
    with CallStore(path) as store:
        with pytest.raises(StorageError, match="held by another run"):
            open_store(path)
        with open_read_only(path) as reader:
            store.put(calls(3))
            assert found(reader, 5) == [0, 1, 2, 3]
            with pytest.raises(StorageError, match="cannot be written"):
                reader.put(calls(4))
            store.close()
            assert found(reader, 5) == [0, 1, 2, 3]
    with CallStore(path) as store:
        assert found(store, 5) == [0, 1, 2, 3]


def test_a_store_of_a_newer_version_is_left_alone(tmp_path):
    path = filled(tmp_path / "calls.sqlite")
    database = sqlite3.connect(path)
    later = SCHEMA_VERSION + 1
    database.executescript(f"UPDATE meta SET value = {later} WHERE name = 'schema_version'; CREATE TABLE later (x);")
    database.close()
    for open_it in (open_store, open_read_only):
        with pytest.raises(StorageError, match=f"schema version {later}; expected {SCHEMA_VERSION}") as caught:
            open_it(path)
        assert not isinstance(caught.value, CorruptStore)
    assert [file.name for file in tmp_path.iterdir()] == ["calls.sqlite"]


def test_what_the_disk_says_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "nowhere" / "calls.sqlite", tmp_path / "file" / "calls.sqlite"):
        with pytest.raises(StorageError, match="cannot be written"):
            CallStore(path)
        with pytest.raises(StorageError, match="is not there; expected the calls of a run"):
            open_read_only(path)
    path = filled(tmp_path / "calls.sqlite")
    other, another = (sqlite3.connect(path, isolation_level=None, timeout=0) for _ in "12")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="is another run using it"), storage_errors(path):
        another.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StorageError, match="no space left on the disk"), storage_errors(path):
        other.execute("CREATE TABLE large AS SELECT randomblob(100000)")
    other.close()
    another.close()


def test_a_full_disk_costs_the_put_that_did_not_fit_and_no_other(tmp_path):
    """A limit on the size of files stands for the disk."""
    path = filled(tmp_path / "calls.sqlite", 20)

    def work(pipe: int) -> None:
        with suppress(StorageError), CallStore(path) as store:
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
            for k in range(20, 10_000):
                store.put(calls(k))
                os.write(pipe, k.to_bytes(4, "big"))

    child, reading = run_in_child(work)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    last = int.from_bytes(said[-4:], "big")
    store, note = open_store(path)
    with store:
        assert note is None
        assert found(store, last + 100) == list(range(last + 1))
    assert 20 < last < 9_999


def test_a_closed_store_says_so(tmp_path):
    store = CallStore(tmp_path / "calls.sqlite")
    store.close()
    store.close()
    with pytest.raises(StorageError, match="is closed"):
        store.get(b"")
