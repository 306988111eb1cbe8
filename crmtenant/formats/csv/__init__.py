"""CSV in and out: finding the dialect, repairing rows, naming columns, writing cells that no spreadsheet runs."""
