"""What models write for people: prompt variants, descriptions and transcripts as prompts to choose from, alt texts."""
