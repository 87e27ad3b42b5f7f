-- Series: heap, heap goal and GOMAXPROCS of a trace, what a log tells of the scheduler, runtime.MemStats below
-- a heap profile. A value holds until the next one. Of a trace with more than some hundred values of a kind,
-- those of a while are one row, all whiles of the same length.
CREATE TABLE metrics(
	profile INTEGER, -- profile.id
	segment INTEGER, -- as in gc_cycles
	name TEXT, -- of the series
	t_ns INTEGER, -- of the value; where there may be several, when the while begins that they are of
	least INTEGER, -- of the values of this row, in the series' unit: bytes, or a number of
	most INTEGER, -- likewise
	last INTEGER -- likewise
)
