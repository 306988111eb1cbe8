"""JSON shapes of the company itself: its settings, its deletion."""
