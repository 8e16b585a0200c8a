"""The terminal: `liveblog` and its commands, each in a module that is imported only when it is asked for."""

import click

from liveblog import __version__
from liveblog.cli.group import Lazy, LazyGroup

COMMANDS = {
    "demo": Lazy("liveblog.cli.demo:demo", "Serve the coverage of one night, to look around."),
    "serve": Lazy("liveblog.cli.serve:serve", "Serve blogs to readers and editors."),
    "migrate": Lazy("liveblog.cli.migrate:migrate", "Bring the database's schema up to date."),
    "import": Lazy("liveblog.cli.import_files:import_files", "Import coverage that exists as files."),
    "export": Lazy("liveblog.cli.export:export", "Write a blog's whole log as a recording."),
    "replay": Lazy("liveblog.cli.replay:replay", "Post a recorded night to a running server, at any speed."),
    "verify": Lazy("liveblog.cli.verify:verify", "Recompute the hash chain of a blog or of a recording."),
    "rebuild": Lazy("liveblog.cli.rebuild:rebuild", "Make the read models anew from the log, or compare them."),
    "epoch": Lazy("liveblog.cli.epoch:epoch", "Tell readers that a log was restored from a backup."),
    "token": Lazy("liveblog.cli.token:token", "Make, list and revoke editors' tokens."),
    "watch": Lazy("liveblog.cli.watch:watch", "Follow a blog: live, or replayed at any speed."),
    "start": Lazy("liveblog.cli.header:start", "Start a blog."),
    "post": Lazy("liveblog.cli.entries:post", "Publish an entry."),
    "revise": Lazy("liveblog.cli.entries:revise", "Edit an entry in which nothing was wrong."),
    "correct": Lazy("liveblog.cli.entries:correct", "Put an error right, in public."),
    "retract": Lazy("liveblog.cli.entries:retract", "Withdraw an entry for good, saying why."),
    "flag": Lazy("liveblog.cli.marks:flag", "Mark an entry as breaking news."),
    "unflag": Lazy("liveblog.cli.marks:unflag", "Take the breaking mark away."),
    "pin": Lazy("liveblog.cli.marks:pin", "Keep an entry at the top."),
    "unpin": Lazy("liveblog.cli.marks:unpin", "Let an entry go back to its place."),
    "key": Lazy("liveblog.cli.marks:key", "Make an entry a key event."),
    "unkey": Lazy("liveblog.cli.marks:unkey", "Make an entry an ordinary one again."),
    "point": Lazy("liveblog.cli.points:point", "Say what is known so far: set and withdraw key points."),
    "headline": Lazy("liveblog.cli.header:headline", "Change the blog's headline and what stands around it."),
    "end": Lazy("liveblog.cli.header:end", "Say that the coverage is over."),
    "reopen": Lazy("liveblog.cli.header:reopen", "Go on after all."),
    "whoami": Lazy("liveblog.cli.whoami:whoami", "Say whose token this is, and what it may do."),
    "completion": Lazy("liveblog.cli.completion:completion", "Let the shell complete commands, options and slugs."),
}
"""Every command by name, in the order in which the help lists them."""


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="liveblog")
def main() -> None:
    """Live blogs on an append-only log: serve, post, correct, watch and replay them.

    The exit code is 0 when it is done, 1 when it failed (one line on standard error says why), 2 for wrong usage.
    """
