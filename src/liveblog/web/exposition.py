"""The exposition: the tally and the census in the words of Prometheus, put together when somebody asks.

Each server has a registry of its own. Labels have few values: routes, not addresses; codes that are ours; no blogs and
no people.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from liveblog.application.census import Census
from liveblog.application.tally import Histogram, Tally
from liveblog.session.states import State
from liveblog.web.problems import STATUS

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Exposition:
    """What `/metrics` says.

    Args:
        tally: What was counted.
        census: Takes the census.
        gauges: What else is looked up when it is asked for, by name; each is described in `GAUGES`.

    """

    def __init__(self, tally: Tally, census: Callable[[], Census], gauges: Callable[[], Mapping[str, float]]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(tally, census, gauges))
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def render(self) -> bytes:
        """Write every metric in Prometheus's text format."""
        return generate_latest(self._registry)


GAUGES = {
    "commands_waiting": "Requests that wait to be committed",
    "database_seen_age_seconds": "Seconds since the database last answered whether there is anything new",
    "draining": "1 from the moment the server was told to stop",
    "page_bytes": "Bytes that messages in pages which readers share may come to take",
    "streams": "Streams that count for the limits of connections",
}


class _Collector(Collector):
    def __init__(self, tally: Tally, census: Callable[[], Census], gauges: Callable[[], Mapping[str, float]]) -> None:
        self._tally = tally
        self._census = census
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        yield from self._requests()
        yield from self._streams()
        yield from self._delivery()
        yield from self._database()
        yield from _standing(self._census())
        for name, value in self._gauges().items():
            yield GaugeMetricFamily(f"liveblog_{name}", GAUGES[name], value=value)

    def _requests(self) -> Iterator[Metric]:
        tally = self._tally
        requests = CounterMetricFamily(
            "liveblog_http_requests", "HTTP requests that were answered", labels=["method", "route", "status"]
        )
        for (method, route, status), count in tally.requests.items():
            requests.add_metric([method, route, str(status)], count)
        yield requests
        yield _histograms(
            "liveblog_http_request_seconds", "From a head to the end of its answer", "route", tally.request_s
        )
        yield _counters("liveblog_problems", "Refusals and failures over HTTP", "code", _known(tally.problems))
        posts = CounterMetricFamily("liveblog_posts", "Requests that would write", labels=["outcome", "code"])
        for (outcome, code), count in tally.posts.items():
            posts.add_metric([outcome, code], count)
        yield posts
        yield CounterMetricFamily("liveblog_events_appended", "Events that this server appended", value=tally.appended)

    def _streams(self) -> Iterator[Metric]:
        tally = self._tally
        yield _counters(
            "liveblog_streams_opened", "Streams that were opened, by where they began", "from", tally.opened
        )
        yield CounterMetricFamily(
            "liveblog_streams_compressed", "Streams that take compressed messages", value=tally.compressed
        )
        yield _counters("liveblog_streams_closed", "Streams that ended, by close code", "code", tally.closed)
        yield _counters("liveblog_handshakes_refused", "Handshakes that a limit refused", "limit", tally.refused)
        yield _counters("liveblog_stream_messages", "Messages to one reader alone", "type", tally.said)
        yield _counters("liveblog_stream_errors", "Errors that were said on streams", "code", tally.errors)

    def _delivery(self) -> Iterator[Metric]:
        tally = self._tally
        yield _counters("liveblog_events_delivered", "Events handed to readers' sockets", "path", tally.delivered)
        yield CounterMetricFamily(
            "liveblog_delivered_bytes",
            "Bytes of events handed to readers at the live edge",
            value=tally.delivered_bytes,
        )
        yield _histograms(
            "liveblog_delivery_pass_seconds",
            "From a commit to its last reader at the live edge",
            None,
            {"": tally.pass_s},
        )

    def _database(self) -> Iterator[Metric]:
        tally = self._tally
        yield _histograms(
            "liveblog_database_transaction_seconds", "A transaction and its wait", "kind", tally.transaction_s
        )
        yield _counters(
            "liveblog_database_failures",
            "Transactions that the database could not take",
            "kind",
            tally.database_failures,
        )
        yield _counters(
            "liveblog_work_failures", "Defects in what works beside the requests", "work", tally.work_failures
        )


def _standing(census: Census) -> Iterator[Metric]:
    readers = GaugeMetricFamily("liveblog_readers", "Readers by the state of their stream", labels=["state"])
    for state in State:
        readers.add_metric([state.name.lower()], census.readers[state])
    yield readers
    yield GaugeMetricFamily("liveblog_slow_readers", "Readers whose socket takes nothing now", value=census.slow)
    yield GaugeMetricFamily(
        "liveblog_reader_lag_events", "Events not yet sent to the slowest who follow live", value=census.reader_lag
    )
    yield GaugeMetricFamily("liveblog_log_lag_events", "Events known of and not yet read", value=census.log_lag)
    yield GaugeMetricFamily("liveblog_shared_replays", "Shared replays that run", value=census.replays)
    yield GaugeMetricFamily("liveblog_feeds", "Blogs whose newest messages are kept in memory", value=census.feeds)
    yield GaugeMetricFamily("liveblog_feed_bytes", "Bytes that those messages may take", value=census.feed_bytes)


def _counters(name: str, help_: str, label: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, help_, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def _known(problems: Counter[str]) -> Counter[str]:
    known: Counter[str] = Counter()
    for code, count in problems.items():
        known[code if code in STATUS else "other"] += count
    return known


def _histograms(name: str, help_: str, label: str | None, histograms: Mapping[str, Histogram]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, help_, labels=[] if label is None else [label])
    for value, histogram in histograms.items():
        below, buckets = 0, []
        for bound, count in zip([*map(str, histogram.bounds), "+Inf"], histogram.counts, strict=True):
            below += count
            buckets.append((bound, float(below)))
        family.add_metric([] if label is None else [value], buckets, histogram.total)
    return family
