"""Tests of several submissions audited at once: the same as one by one, and a large one alone."""

import _thread
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import polars as pl
import pytest

from msds_audit import api, audit
from msds_audit.api import several
from msds_audit.engines import by_engine
from msds_audit.extract import Period, Submission
from support import FIXTURES

SMALL, LARGE = 1, 3


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    monkeypatch.setattr(audit, "SMALL_IN_ALL", 2)


def submissions(*sizes):
    return [
        Submission(
            f"R{number:02}",
            Period.parse("2026-08"),
            {"MSD001MotherDemog": pl.LazyFrame({"LPIDMother": ["a"] * rows})},
            (),
        )
        for number, rows in enumerate(sizes)
    ]


def found(given, work):
    with closing(several.in_order(given, work)) as results:
        return list(results)


def test_what_is_found_comes_in_order_whatever_ends_first():
    def work(one):
        time.sleep(0.03 if one.provider == "R00" else 0)
        return one.provider

    given = submissions(*[SMALL] * 9)
    assert found(given, work) == [one.provider for one in given]


def test_small_ones_run_beside_each_other_and_a_large_one_alone_in_the_main_thread():
    at_work, seen = set(), {}
    met = threading.Barrier(2)

    def work(one):
        at_work.add(one.provider)
        if one.provider in ("R00", "R01", "R03", "R04"):
            met.wait(10)
        seen[one.provider] = (len(at_work), threading.current_thread())
        at_work.remove(one.provider)

    found(submissions(SMALL, SMALL, LARGE, SMALL, SMALL), work)
    assert seen["R02"] == (1, threading.main_thread())
    others = {thread for provider, (_, thread) in seen.items() if provider != "R02"}
    assert threading.main_thread() not in others


@pytest.mark.parametrize(("threads", "count"), [(1, 3), (2, 1)])
def test_with_one_processor_or_one_submission_there_are_no_threads(threads, count, monkeypatch):
    monkeypatch.setattr(pl, "thread_pool_size", lambda: threads)
    where = found(submissions(*[SMALL] * count), lambda _: threading.current_thread())
    assert set(where) == {threading.main_thread()}


def test_of_several_faults_the_first_in_order_is_raised_in_its_turn():
    def work(one):
        if one.provider == "R01":
            time.sleep(0.05)
        if one.provider in ("R01", "R02"):
            raise ValueError(one.provider)
        return one.provider

    results = several.in_order(submissions(*[SMALL] * 4), work)
    with closing(results):
        assert next(results) == "R00"
        with pytest.raises(ValueError, match="R01"):
            next(results)


def test_ctrl_c_ends_what_has_begun_and_begins_nothing_more():
    begun, ended = [], []

    def work(one):
        begun.append(one.provider)
        if one.provider == "R04":
            _thread.interrupt_main()
        time.sleep(0.05)
        ended.append(one.provider)

    with pytest.raises(KeyboardInterrupt):
        found(submissions(*[SMALL] * 50), work)
    assert sorted(begun) == sorted(ended)
    assert len(begun) < 15


def test_scorecards_and_messages_are_the_same_as_one_by_one(monkeypatch):
    monkeypatch.setattr(audit, "SMALL_IN_ALL", 200_000)
    paths = [FIXTURES / "south-west-london" / "RAX", FIXTURES / "clean"]
    heard, cards, where = ([], []), [], set()
    audited = audit.audit

    def watched(*given):
        where.add(threading.current_thread() is threading.main_thread())
        return audited(*given)

    monkeypatch.setattr("msds_audit.api.auditing.audit", watched)
    for steps, threads in zip(heard, (1, 2), strict=True):
        monkeypatch.setattr(pl, "thread_pool_size", lambda threads=threads: threads)
        cards.append(api.check(paths, period=Period.parse("2026-08"), on_step=steps.append))
    assert where == {True, False}
    assert heard[0] == heard[1]
    assert cards[0] == cards[1]


# --- the engine of Polars -----------------------------------------------------------------


def engine():
    return pl.Config.state().get("POLARS_ENGINE_AFFINITY")


def test_threads_share_one_engine_wait_for_another_and_leave_all_as_it_was():
    before, order = engine(), []
    both = threading.Barrier(2)

    def by(name, barrier=None):
        with by_engine(name):
            order.append(engine())
            if barrier is not None:
                barrier.wait(10)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(by, "in-memory", both)
        while not order:
            time.sleep(0.001)
        other = pool.submit(by, "streaming")
        time.sleep(0.02)
        pool.submit(by, "in-memory", both).result()
        first.result()
        other.result()
    assert order == ["in-memory", "in-memory", "streaming"]
    assert engine() == before
