-- Tasks of traces (runtime/trace), in the order in which they ended.
CREATE TABLE tasks(
	profile INTEGER, -- profile.id
	id INTEGER, -- the program's number for it
	parent INTEGER, -- task it is part of, its id
	type TEXT, -- its name
	begin_ns INTEGER, -- NULL: before the trace
	end_ns INTEGER, -- NULL: not in the trace
	duration_ns INTEGER, -- NULL: one of these is
	goroutine INTEGER, -- that began it
	stack INTEGER -- where it began: a sample of the profile; NULL: none
)
