// A WebSocket of the browser's kind, worked from outside: `tell` hears of all that happens to it.

globalThis.bridge = (Kind, tell) => {
    let socket;
    return {
        open(url) {
            const mine = (socket = new Kind(url));
            mine.onopen = () => tell({ kind: "open", extensions: mine.extensions });
            mine.onmessage = ({ data }) => tell({ kind: "text", text: data });
            mine.onclose = ({ code }) => tell({ kind: "close", code });
        },
        say: (text) => socket.send(text),
        close: () => socket.close(1000),
    };
};
