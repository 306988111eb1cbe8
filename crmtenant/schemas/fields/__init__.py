"""Field types: one value each, checked and normalised. No document, no noun."""
