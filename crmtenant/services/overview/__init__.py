"""What spans the nouns: search, activity, tags, trash. Each is one statement over every registered entity type.

It names no entity: the registry says which nouns there are and how they show.
"""
