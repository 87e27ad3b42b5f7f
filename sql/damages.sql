-- Where captures are damaged.
CREATE TABLE damages(
	profile INTEGER, -- profile.id
	offset INTEGER, -- in the inflated file
	generation INTEGER, -- of the trace
	what TEXT -- what is wrong there
)
