-- Lives of goroutines, of traces. Without --full not all have a row: of a group's first 100 all, then so many as
-- are cheap beside the trace's events, and 10,000 at most; of the rest those that were unfinished, and the 100
-- longest-lived and longest-waiting. Where data of the trace is lost (damages), nothing is known of anybody any
-- more: one that lived before and after is two rows of one id, the first unfinished (died_ns NULL, its state
-- that of when the data ended), the second born before what follows (born_ns NULL); its group counts it twice.
CREATE TABLE goroutines(
	profile INTEGER, -- profile.id
	id INTEGER, -- the program's number for it
	entry TEXT, -- the function that it was started with
	creator TEXT, -- the function with the go statement
	created_by INTEGER, -- goroutine that created it, its id
	born_ns INTEGER, -- NULL: before the trace
	died_ns INTEGER, -- NULL: it was there at the end
	running_ns INTEGER, -- how long it ran
	runnable_ns INTEGER, -- ready, and waiting for a processor
	waiting_ns INTEGER, -- blocked
	syscall_ns INTEGER, -- in system calls
	state TEXT, -- at the end: runnable, running, waiting, system call
	reason TEXT, -- what it waited for at the end
	stack INTEGER, -- where it went into that state: a sample of the profile; NULL: none
	since_ns INTEGER, -- when it did
	group_id INTEGER -- goroutine_groups.id
)
