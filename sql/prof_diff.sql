-- prof_diff(old, new), prof_diff(old, new, type): functions whose cost differs between two sets of
-- profiles, each merged.
CREATE TABLE prof_diff(
	name TEXT, -- function
	flat_old INTEGER, -- in the unit
	flat_new INTEGER, -- in the unit
	flat_change INTEGER, -- new less old
	cum_old INTEGER, -- in the unit
	cum_new INTEGER, -- in the unit
	cum_change INTEGER, -- new less old
	unit TEXT, -- of all these
	old HIDDEN, -- argument: ids, as in prof_samples
	new HIDDEN, -- argument
	of_type HIDDEN -- argument
)
