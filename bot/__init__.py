"""The machine: knows Discord and the image API, decides nothing about commands."""
