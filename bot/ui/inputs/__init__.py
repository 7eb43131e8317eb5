"""Images that people give: attachments, images in messages, region masks."""
