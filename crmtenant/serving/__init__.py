"""The HTTP server: waitress with strict parsing, run by `pserve`."""
