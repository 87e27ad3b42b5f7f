-- Stops of the world: of a trace all, of a log the two of each cycle.
CREATE TABLE pauses(
	profile INTEGER, -- profile.id
	place INTEGER, -- 0, 1, 2 … within it
	segment INTEGER, -- as in gc_cycles
	start_ns INTEGER, -- when it began
	duration_ns INTEGER, -- how long it took
	goroutine INTEGER, -- that stopped it, its id
	reason TEXT -- GC mark termination …
)
