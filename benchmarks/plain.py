"""What our server is compared with: a plain Starlette application, written as its documentation would have it.

`POST /echo` parses a JSON body and answers with as many bytes as it is told; `POST /broadcast` puts the body into the
queue of each reader of the WebSocket `/stream`, and `POST /quiet` takes it for nobody. `POST /keep` adds it to those
that each reader of `/history` is sent. Nothing outlives the process.
"""

import asyncio
import json
import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

_queues: set[asyncio.Queue[str]] = set()
_kept: list[str] = []


async def _echo(request: Request) -> Response:
    await request.json()
    answer = {"filling": "x" * int(request.headers["x-answer"])}
    return Response(json.dumps(answer), 201, media_type="application/json")


async def _broadcast(request: Request) -> Response:
    text = (await request.body()).decode()
    for queue in _queues:
        queue.put_nowait(text)
    return Response(status_code=201)


async def _quiet(request: Request) -> Response:
    await request.body()
    return Response(status_code=201)


async def _keep(request: Request) -> Response:
    _kept.append((await request.body()).decode())
    return Response(status_code=201)


async def _history(websocket: WebSocket) -> None:
    await websocket.accept()
    for text in _kept:
        await websocket.send_text(text)
    await websocket.receive()


async def _stream(websocket: WebSocket) -> None:
    await websocket.accept()
    queue: asyncio.Queue[str] = asyncio.Queue()
    _queues.add(queue)
    try:
        while True:
            await websocket.send_text(await queue.get())
    finally:
        _queues.discard(queue)


def main() -> None:
    """Serve on a port of the system's choice, with the same server, parser and loop as ours."""
    app = Starlette(
        routes=[
            Route("/echo", _echo, methods=["POST"]),
            Route("/broadcast", _broadcast, methods=["POST"]),
            Route("/quiet", _quiet, methods=["POST"]),
            Route("/keep", _keep, methods=["POST"]),
            WebSocketRoute("/stream", _stream),
            WebSocketRoute("/history", _history),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        access_log=False,
        log_level="critical",
        timeout_graceful_shutdown=1,
    )
    sys.stderr.write(f"plain ready at http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stderr.flush()
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
