-- prof_flame(ids), prof_flame(ids, type): the call tree of profiles, merged: a row a path of functions,
-- callers before callees.
CREATE TABLE prof_flame(
	id INTEGER, -- 1, 2, 3 …
	parent INTEGER, -- id of the caller's row; NULL: a root
	depth INTEGER, -- 0: a root
	name TEXT, -- function
	self INTEGER, -- of samples that end here, in the unit
	total INTEGER, -- of samples that pass here, in the unit
	unit TEXT, -- of self and total
	ids HIDDEN, -- argument
	of_type HIDDEN -- argument
)
