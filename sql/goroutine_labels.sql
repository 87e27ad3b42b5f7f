-- What goroutines of traces are from then on: a row where that changes.
CREATE TABLE goroutine_labels(
	profile INTEGER, -- profile.id
	t_ns INTEGER, -- from when on
	goroutine INTEGER, -- its id
	label TEXT -- GC (dedicated) …
)
