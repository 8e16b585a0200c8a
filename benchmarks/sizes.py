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
    readers: tuple[int, ...]  # of the fan-out, by subject
    broadcasts: int  # events of one run of it
    returning: int  # readers of a storm
    steady: int  # readers who watch during it
    missed: int  # events that the last of them missed
    catching_up: int  # readers who read a blog from its start
    caught_up: int  # events of that blog
    replays: int  # at once
    paced: int  # events a second that they send in all
    paced_s: int  # seconds for which they are watched
    nodes_s: float  # seconds of posts to two nodes
    visits: int  # connections that come and go
    watching: int  # readers beside whom a tenth never reads, and a tenth slowly
    watched_s: float  # seconds for which that is watched
    stall_s: int  # seconds after which readers who take nothing are given up


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
    readers=(1_000, 5_000, 10_000),
    broadcasts=100,
    returning=5_000,
    steady=50,
    missed=1_000,
    catching_up=500,
    caught_up=1_000,
    replays=1_000,
    paced=5_000,
    paced_s=15,
    nodes_s=5.0,
    visits=100_000,
    watching=1_000,
    watched_s=20.0,
    stall_s=20,
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
    readers=(20,),
    broadcasts=2,
    returning=20,
    steady=2,
    missed=50,
    catching_up=5,
    caught_up=40,
    replays=10,
    paced=20,
    paced_s=2,
    nodes_s=0.5,
    visits=5_000,
    watching=50,
    watched_s=2.0,
    stall_s=5,
)
