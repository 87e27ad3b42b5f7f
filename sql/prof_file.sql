-- prof_file(path): the samples of a profile outside of the archive, as prof_samples has them.
-- It reads files, so that only a statement that was typed can use it, no view or trigger.
CREATE TABLE prof_file(
	profile INTEGER, -- NULL
	sample INTEGER, -- 0, 1, 2 …
	type TEXT, -- sample type
	unit TEXT, -- of value
	value INTEGER, -- in the unit
	node INTEGER, -- NULL
	leaf TEXT, -- the function on top of its stack
	stack TEXT, -- functions, root first, joined by ;
	labels TEXT, -- the sample's own labels, a JSON object of numbers and strings
	path HIDDEN -- argument
)
