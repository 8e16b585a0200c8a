"""The web: routes for readers and editors, the stream's socket, and problems as RFC 9457 says them."""
