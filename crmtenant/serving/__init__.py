"""The HTTP server: waitress with strict parsing, started and stopped by `pserve`."""
