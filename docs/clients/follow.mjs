// A reader of the stream: the newest state as a `snapshot`, then every event, each once and in order.

const FIRST = { heartbeat_s: 15, reconnect: { min_ms: 500, max_ms: 30000, first_jitter_ms: 0 } };
export function follow(stream, handle, cursor, hello = FIRST, lost = 0, heard = Date.now()) {
  const socket = new WebSocket(`${stream}?${cursor ?? "from=9999-12-31T23:59:59Z"}`);
  const alarm = setInterval(() => Date.now() > heard + 2000 * hello.heartbeat_s && socket.onclose({ code: 1006 }), 1000);
  socket.onmessage = ({ data }) => {
    const said = JSON.parse(data); // below: what we hold is out of date, so a snapshot, please
    if (said.type === "subscribed" && said.edition !== (hello.edition ?? said.edition)) socket.send('{"type":"go_live"}');
    [hello, lost, heard] = [said.type === "subscribed" ? said : hello, 0, Date.now()];
    if (["event", "snapshot"].includes(said.type)) cursor = `from=${said.position}&epoch=${hello.epoch}`;
    handle(said); // the cursor has moved before anything is done
  };
  socket.onclose = ({ code }, { min_ms, max_ms, first_jitter_ms } = hello.reconnect) => {
    clearInterval(alarm);
    socket.onclose = null;
    socket.close();
    if ([1000, 1003, 1007, 1009].includes(code) || code >= 4500) return; // done, or no use in coming back
    const wait = Math.min(max_ms, min_ms * lost + Math.random() * first_jitter_ms * 2 ** lost);
    setTimeout(follow, wait, stream, handle, code < 4400 ? cursor : undefined, hello, lost + 1); // void: a snapshot
  };
}
