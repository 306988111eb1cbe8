"""People: accounts, sign-in, sessions, and who may enter which company.

These services work on the catalog alone. Classes open its transactions, call the module functions that hold the
rules, and drop what the access directory has cached about whoever changed. They know no company's records.
"""
