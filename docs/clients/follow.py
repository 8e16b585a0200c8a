"""A reader of the stream: the newest state as a `snapshot`, then every event, each once and in order."""

import json
from random import random
from time import sleep

import websockets.sync.client


def follow(stream, cursor=None, newest="from=9999-12-31T23:59:59Z"):
    hello, lost, code = {"heartbeat_s": 15, "min_ms": 500, "max_ms": 30000, "first_jitter_ms": 0}, 0, 1006
    while code not in (1000, 1003, 1007, 1009) and code < 4500:  # done, or no use in coming back
        sleep(min(hello["max_ms"], hello["min_ms"] * lost + random() * hello["first_jitter_ms"] * 2**lost) / 1000)
        cursor, lost = (None if 4400 <= code < 4500 else cursor), min(lost + 1, 9)  # void: a snapshot again
        try:
            with websockets.sync.client.connect(f"{stream}?{cursor or newest}", close_timeout=1) as socket:
                while said := json.loads(socket.recv(timeout=2 * hello["heartbeat_s"])):
                    if said["type"] == "subscribed" and said["edition"] != hello.get("edition", said["edition"]):
                        socket.send('{"type": "go_live"}')  # what we hold is out of date: a snapshot, please
                    hello, lost = ({**said, **said["reconnect"]} if said["type"] == "subscribed" else hello), 0
                    if said["type"] in ("event", "snapshot"):  # the cursor moves before anything is done
                        cursor = f"from={said['position']}&epoch={hello['epoch']}"
                    yield said
        except (OSError, websockets.WebSocketException) as error:
            code = getattr(getattr(error, "rcvd", None), "code", 1006)
