-- Goroutines of one entry function and creator, of traces. Counts and sums are of all of them, also of those
-- that are no rows of goroutines.
CREATE TABLE goroutine_groups(
	profile INTEGER, -- profile.id
	id INTEGER, -- 0, 1, 2 … within it
	entry TEXT, -- the function that they were started with
	creator TEXT, -- the function with the go statement
	stack INTEGER, -- of the first one's creation: a sample of the profile; NULL: none
	goroutines INTEGER, -- how many
	rolled INTEGER, -- of them, that are no rows of goroutines
	unfinished INTEGER, -- of them, that were there at the end
	running_ns INTEGER, -- of all together
	runnable_ns INTEGER, -- ready, and waiting for a processor
	waiting_ns INTEGER, -- blocked
	syscall_ns INTEGER, -- in system calls
	longest_ns INTEGER -- the longest life
)
