-- The id of a link to the mask editor is the hash of the random token in its URL. Links of earlier versions were signed
-- and valid for 30 minutes. They are deleted here, together with the signing secret.
DELETE FROM painter_links;
DELETE FROM notes WHERE name = 'what the links of the painter are signed with';
