"""vCard in and out (RFC 6350, and the 2.1 and 3.0 that phones still write)."""
