"""The text families of the corpus. Every document is drawn from a seeded stream, so the same seed gives the same corpus."""
