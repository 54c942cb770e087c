"""The rules of relance: standard library only, no files, no clock, no network."""
