-- prof_samples(ids): the samples of profiles of the archive, a row a sample and type.
-- ids: a profile.id, or a query as text ('service=checkout,type=cpu,latest').
CREATE TABLE prof_samples(
	profile INTEGER, -- profile.id
	sample INTEGER, -- 0, 1, 2 … within the profile
	type TEXT, -- sample type
	unit TEXT, -- of value
	value INTEGER, -- in the unit
	node INTEGER, -- its stack, for prof_stack
	leaf TEXT, -- the function on top of its stack
	stack TEXT, -- functions, root first, joined by ;
	labels TEXT, -- the sample's own labels, a JSON object of numbers and strings
	ids HIDDEN -- argument
)
