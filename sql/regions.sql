-- Regions of traces (runtime/trace), in the order in which they ended.
CREATE TABLE regions(
	profile INTEGER, -- profile.id
	task INTEGER, -- tasks.id; 0: the background task
	type TEXT, -- its name
	begin_ns INTEGER, -- NULL: before the trace
	end_ns INTEGER, -- NULL: not in the trace
	duration_ns INTEGER, -- NULL: one of these is
	goroutine INTEGER, -- that it is on
	stack INTEGER -- where it began: a sample of the profile; NULL: none
)
