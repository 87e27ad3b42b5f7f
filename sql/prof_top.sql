-- prof_top(ids), prof_top(ids, type): what functions cost in profiles, merged, heaviest flat first.
-- type: a sample type; without it that which reports show.
CREATE TABLE prof_top(
	name TEXT, -- function
	flat INTEGER, -- of samples whose leaf it is, in the unit
	cum INTEGER, -- of samples in whose stack it is, in the unit
	total INTEGER, -- of all samples, in the unit
	type TEXT, -- sample type
	unit TEXT, -- of flat, cum and total
	ids HIDDEN, -- argument
	of_type HIDDEN -- argument
)
