mkdir d
prof top d
prof top d/
