"""Qt panels of a labelling session, one per file, and `annotate`, which puts a session together."""
