"""`python -m liveblog` is `liveblog`."""

from liveblog.cli import main

main(prog_name="liveblog")
