"""What models write about prompts, images and recordings: prompt variants, descriptions, alt texts, transcripts."""
