"""Views about people: registration, sign-in, members, profile, passwords."""
