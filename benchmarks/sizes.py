"""How much is measured: enough for figures, or just enough to see that everything runs."""

from msgspec import Struct


class Sizes(Struct, frozen=True, kw_only=True):
    """Sizes of one run of the benchmarks; `runs` is how often each figure is taken."""

    runs: int
    short: int  # entries of the short blog
    long: int  # entries of the long blog
    appends: int  # events of one run in groups
    single_appends: int  # events of one run one by one
    posts: int  # posts of one run with many in flight
    single_posts: int  # posts of one run with one in flight
    folds: int  # commands of one run of the fold
    reads: int  # reads of one run
    replay_s: int  # seconds of timeline of the replayed blog
    replayed: int  # events on it
    readers: int
    broadcasts: int  # events of one run of the fan-out


FULL = Sizes(
    runs=5,
    short=10,
    long=50_000,
    appends=64 * 64,
    single_appends=256,
    posts=4_096,
    single_posts=384,
    folds=2_000,
    reads=200,
    replay_s=600,
    replayed=200,
    readers=1_000,
    broadcasts=40,
)
QUICK = Sizes(
    runs=1,
    short=10,
    long=200,
    appends=128,
    single_appends=4,
    posts=128,
    single_posts=4,
    folds=50,
    reads=4,
    replay_s=30,
    replayed=20,
    readers=20,
    broadcasts=2,
)
