import datetime as dt
import sys
from pathlib import Path

import pytest

# The installed package is tested; the folder beside this one has no native half.
SOURCE = Path(__file__).resolve().parents[1]
sys.path[:] = [path for path in sys.path if Path(path or ".").resolve() != SOURCE]

import leat  # noqa: E402

SHOP = Path(__file__).resolve().parents[3] / "tests" / "capi" / "shop.yaml"
START = dt.datetime(2026, 11, 21, 8, tzinfo=dt.timezone.utc)


@pytest.fixture(scope="session")
def program():
    return leat.load(SHOP)


@pytest.fixture
def clock():
    return leat.Clock(START)


@pytest.fixture
def engine(program, clock):
    with leat.Engine(program, clock=clock) as opened:
        yield opened


@pytest.fixture
def session(engine):
    with engine.session() as opened:
        yield opened


@pytest.fixture
def order(session):
    """The key of an order with one line: 2 bolts at 12.50."""
    from decimal import Decimal

    outcome = session.create("order", name="bolts", lines=[{"product": "bolt", "quantity": 2, "price": Decimal("12.50")}])
    assert outcome, outcome.message
    return outcome.key
