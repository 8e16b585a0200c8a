"""`liveblog completion`: the shell learns the commands, their options, files and blogs."""

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
_PROGRAM, _VARIABLE = "liveblog", "_LIVEBLOG_COMPLETE"


@click.command(
    epilog="""\b
bash:  echo 'source <(liveblog completion bash)' >> ~/.bashrc
zsh:   echo 'source <(liveblog completion zsh)' >> ~/.zshrc
fish:  liveblog completion fish > ~/.config/fish/completions/liveblog.fish
"""
)
@click.argument("shell", type=click.Choice([*_SHELLS]))
def completion(shell: str) -> None:
    """Print what makes a SHELL complete commands, options, files and slugs.

    Slugs come from the server that LIVEBLOG_SERVER or --server names.
    """
    maker = _SHELLS[shell]
    # Filled in here: click's own `source` runs the shell first, only to look at its version.
    words = {"complete_func": "_liveblog_completion", "complete_var": _VARIABLE, "prog_name": _PROGRAM}
    click.echo(maker.source_template % words)
