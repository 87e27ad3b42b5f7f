prof top no/such/file
