"""How the record is read and proved."""
