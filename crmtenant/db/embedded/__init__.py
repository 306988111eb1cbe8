"""The PostgreSQL we start ourselves, from the wheel's own programs."""
