"""CSV in and out: detecting the layout, repairing rows, recognising columns, writing cells that no spreadsheet evaluates."""
