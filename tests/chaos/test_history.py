"""The checker finds each kind of anomaly, planted into a history that is good without it."""

from collections.abc import Callable

import pytest

from chaos.history import Attempt, History, Reader, Told, anomalies


def told(position: int) -> Told:
    return Told(position, "" if position == 1 else f"m{position}", f"d{position}")


def good() -> History:
    """A log of six events; one list of two; one attempt that was never answered, and one that was not taken."""
    log = [told(position) for position in range(1, 7)]
    attempts = [
        Attempt(("m2",), (log[1],)),
        Attempt(("m3", "m4"), (log[2], log[3])),
        Attempt(("m5",)),
        Attempt(("m6",), (log[5],)),
        Attempt(("m7",)),
    ]
    readers = [
        Reader("first", 0, list(log)),
        Reader("late", 3, log[3:]),
        Reader("last", 6),
        Reader("passer-by", 1, log[1:4], stays=False),
    ]
    return History(log, attempts, readers)


def lose(history: History) -> None:
    del history.log[5]
    for reader in history.readers:
        del reader.received[5 - reader.began :]
    del history.readers[2]


def double(history: History) -> None:
    history.log.append(Told(7, "m6", "d7"))
    for reader in history.readers[:3]:
        reader.received.append(history.log[-1])


def invent(history: History) -> None:
    history.log.append(Told(7, "nobody's", "d7"))
    for reader in history.readers[:3]:
        reader.received.append(history.log[-1])


def leave_a_gap(history: History) -> None:
    del history.log[4]


def tear(history: History) -> None:
    history.attempts[1] = Attempt(("m3", "m5"))
    history.attempts[2] = Attempt(("m4",))


def halve(history: History) -> None:
    history.attempts[3] = Attempt(("m6", "never"))


def acknowledge_otherwise(history: History) -> None:
    history.attempts[0].acknowledged = (Told(2, "m2", "other"),)


def answer_something_else(history: History) -> None:
    history.attempts[0].acknowledged = (history.log[4],)


def miss(history: History) -> None:
    del history.readers[0].received[2]


def repeat(history: History) -> None:
    history.readers[0].received.insert(3, history.log[2])


def reorder(history: History) -> None:
    received = history.readers[1].received
    received[0], received[1] = received[1], received[0]


def differ(history: History) -> None:
    history.readers[1].received[1] = Told(5, "m5", "other")


def stay_behind(history: History) -> None:
    history.readers[1].received.pop()


def run_ahead(history: History) -> None:
    history.readers[2].received.append(Told(7, "m7", "d7"))


def pass_over(history: History) -> None:
    del history.readers[3].received[1]


@pytest.mark.parametrize(
    ("plant", "word"),
    [
        (lose, "acknowledged and is not in the log"),
        (double, "2 times"),
        (invent, "never sent"),
        (leave_a_gap, "the log has position"),
        (tear, "torn"),
        (halve, "only"),
        (acknowledge_otherwise, "acknowledged otherwise"),
        (answer_something_else, "something else"),
        (miss, "missed position 3"),
        (repeat, "again, or late"),
        (reorder, "missed position 4"),
        (differ, "got position 5 otherwise"),
        (stay_behind, "ended at 5"),
        (pass_over, "passer-by missed position 3"),
        (run_ahead, "which the log does not have"),
    ],
)
def test_a_planted_anomaly_is_found(plant: Callable[[History], None], word: str) -> None:
    history = good()
    plant(history)
    assert any(word in each for each in anomalies(history)), anomalies(history)


def test_a_good_history_has_none() -> None:
    assert anomalies(good()) == []


def test_an_empty_night_has_none() -> None:
    assert anomalies(History([], [], [])) == []
