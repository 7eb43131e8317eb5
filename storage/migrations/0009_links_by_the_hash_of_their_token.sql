-- The id of a link to the mask editor is the hash of the random token in its address. Links of earlier versions were
-- signed; they work for 30 minutes, so they end here, and the secret that they were signed with goes.
DELETE FROM painter_links;
DELETE FROM notes WHERE name = 'what the links of the painter are signed with';
