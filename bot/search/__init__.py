"""The search for images: by meaning, by words, and by example."""
