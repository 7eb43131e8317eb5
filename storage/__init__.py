"""What Atelier remembers. Imports the standard library and aiosqlite only."""
