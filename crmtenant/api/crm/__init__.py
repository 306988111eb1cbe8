"""Views of a company's records, one file a noun, and of what spans them."""
