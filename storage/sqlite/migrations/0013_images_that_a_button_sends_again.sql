-- Where the image of a request can be downloaded, for engines that take links instead of files.
ALTER TABLE inputs ADD COLUMN url TEXT;
