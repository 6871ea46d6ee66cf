"""Other programs' files in, profiles and a report out."""
