"""What is read from files that people write: rules, the specification, settings, deciles.

Rules are read by `reading`; those that come with the program by `compiled`, where they are known.
"""
