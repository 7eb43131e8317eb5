"""Client of the platform: the OpenAI-compatible API for chat, images, embeddings, audio and models that resellers
of the image API also sell (docs/platform-api.md). It knows neither Discord nor tasks."""
