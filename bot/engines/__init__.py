"""Image engines: the services that generate images, behind one port."""
