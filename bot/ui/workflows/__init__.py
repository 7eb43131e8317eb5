"""Operations of several steps: submitting a command, drafts, batches, deletion, queries."""
