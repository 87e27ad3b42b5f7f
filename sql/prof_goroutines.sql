-- prof_goroutines(path): the goroutines of an execution trace that is a file, all of them, in the order of their ends.
CREATE TABLE prof_goroutines(
	id INTEGER, -- the program's number for it
	entry TEXT, -- the function that it was started with
	creator TEXT, -- the function with the go statement
	created_by INTEGER, -- goroutine that created it, its id
	born_ns INTEGER, -- from the start of the trace; NULL: before it
	died_ns INTEGER, -- NULL: it was there at the end
	running_ns INTEGER, -- how long it ran
	runnable_ns INTEGER, -- ready, and waiting for a processor
	waiting_ns INTEGER, -- blocked
	syscall_ns INTEGER, -- in system calls
	state TEXT, -- at the end: runnable, running, waiting, system call
	reason TEXT, -- what it waited for at the end
	stack TEXT, -- where it went into that state: functions, root first, joined by ;
	since_ns INTEGER, -- when it did
	path HIDDEN -- argument
)
