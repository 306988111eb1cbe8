"""JSON shapes of a company's records: for each noun its draft, its patch and what goes out."""
