-- The engine that generates a person's images, unless they choose another one. NULL: the one that the operator set up.
ALTER TABLE preferences ADD COLUMN engine TEXT;
