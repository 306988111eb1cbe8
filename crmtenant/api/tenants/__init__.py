"""Views of the company itself: its settings, its backups, its deletion."""
