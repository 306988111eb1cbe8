"""JSON shapes of registration, sign-in, members, profile and passwords."""
