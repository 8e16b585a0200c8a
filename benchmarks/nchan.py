"""nchan, an nginx module in C that does nothing but publish and subscribe: the yardstick, where a machine has it."""

import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import program
from benchmarks.program import Program

NOT_FOUND = "nchan not found: install nginx and its nchan module to see the ratios to it"
_MODULES = [Path(folder) / "ngx_nchan_module.so" for folder in ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules")]
_CONFIGURATION = """\
load_module {module};
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/errors;
worker_rlimit_nofile 19000;
events {{ worker_connections 18000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/1;
    proxy_temp_path {folder}/2;
    fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4;
    scgi_temp_path {folder}/5;
    nchan_max_reserved_memory 256m;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        keepalive_requests 1000000;
        location /publish {{
            nchan_publisher;
            nchan_channel_id $arg_to;
            nchan_message_buffer_length 20000;
            nchan_message_timeout 1h;
        }}
        location /new {{
            nchan_subscriber websocket;
            nchan_channel_id $arg_to;
            nchan_subscriber_first_message newest;
        }}
        location /all {{
            nchan_subscriber websocket;
            nchan_channel_id $arg_to;
            nchan_subscriber_first_message oldest;
        }}
    }}
}}
"""


@contextmanager
def running() -> Iterator[Program | None]:
    """A server that keeps to the servers' processor; None where there is none."""
    module, nginx = _module(), command()
    if module is None or nginx is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="liveblog-bench-nchan-") as folder:
        port = free_port()
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(_CONFIGURATION.format(module=module, folder=folder, port=port))
        given = [nginx, "-c", str(configuration), "-e", f"{folder}/errors"]
        with program.started(given, core=program.SERVER) as (process, begun):
            while process.poll() is None:
                with socket.socket() as probe:
                    if not probe.connect_ex(("127.0.0.1", port)):
                        break
                time.sleep(0.02)
            else:
                raise RuntimeError("nginx ended before it was ready")
            yield Program(process, port, time.perf_counter() - begun)


def command() -> str | None:
    """The program, where it is there with its module."""
    return (shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")) if _module() else None


def _module() -> Path | None:
    return next((path for path in _MODULES if path.exists()), None)


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
