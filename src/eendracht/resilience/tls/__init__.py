"""What a TLS endpoint offers, seen from outside without ever finishing a handshake."""
