"""What becomes of tasks: asked for, watched, and told of. Knows nothing of Discord."""
