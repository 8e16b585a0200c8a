// What a broadcast costs the kernel: one write(2) a reader and message, and nothing else.
//
// `writeloop PORT READERS` takes so many WebSocket handshakes, then one connection that posts. Each body becomes one
// text frame to every reader; posts to a path that begins with "/q" go to nobody.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 65536 };

static const char SWITCHED[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
static const char TAKEN[] = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

static int taken(int listener) {
    int reader = accept(listener, 0, 0), on = 1;
    setsockopt(reader, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return reader;
}

// A whole request, or -1: where its body begins. `length` is the body's.
static long request(int from, char *buffer, long *length) {
    long size = 0;
    for (;;) {
        long got = read(from, buffer + size, ROOM - size - 1);
        if (got <= 0) return -1;
        buffer[size += got] = 0;
        char *end = strstr(buffer, "\r\n\r\n");
        if (!end) continue;
        char *header = strcasestr(buffer, "content-length:");
        *length = header && header < end ? atol(header + 15) : 0;
        if (size >= end + 4 - buffer + *length) return end + 4 - buffer;
    }
}

int main(int count, char **given) {
    if (count != 3) return 2;
    int readers = atoi(given[2]), *reader = calloc(readers, sizeof *reader);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(given[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) return 1;
    fprintf(stderr, "write loop ready at http://127.0.0.1:%s\n", given[1]);

    static char buffer[ROOM], frame[ROOM];
    long length, body;
    for (int i = 0; i < readers; i++) {
        reader[i] = taken(listener);
        if (request(reader[i], buffer, &length) < 0) return 1;
        if (write(reader[i], SWITCHED, sizeof SWITCHED - 1) < 0) return 1;
    }
    for (;;) {
        int poster = taken(listener);
        while ((body = request(poster, buffer, &length)) >= 0) {
            if (strncmp(buffer, "POST /q", 7)) {
                frame[0] = (char)0x81, frame[1] = 126, frame[2] = (char)(length >> 8), frame[3] = (char)length;
                memcpy(frame + 4, buffer + body, length);
                for (int i = 0; i < readers; i++)
                    if (write(reader[i], frame, length + 4) != length + 4) return 1;
            }
            if (write(poster, TAKEN, sizeof TAKEN - 1) < 0) return 1;
        }
        close(poster);
    }
}
