"""The demo company: its content, and the writer that fills it through services and schemas as a client would."""
