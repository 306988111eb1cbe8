"""Views that take and give files: contact lists, and a company as a whole."""
