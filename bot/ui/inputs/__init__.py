"""Images from users: attachments, images in messages, region masks."""
