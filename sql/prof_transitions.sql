-- prof_transitions(path): goroutines' ways from state to state, of an execution trace that is a file, in the order of time.
CREATE TABLE prof_transitions(
	t_ns INTEGER, -- from the start of the trace
	goroutine INTEGER, -- its id
	old TEXT, -- unknown, none, runnable, running, waiting, system call
	new TEXT, -- likewise
	duration_ns INTEGER, -- how long it was in the old state
	reason TEXT, -- why
	stack TEXT, -- of whoever did it: functions, root first, joined by ;
	actor INTEGER, -- the other goroutine that did it (created it, unblocked it), its id
	proc INTEGER, -- where
	thread INTEGER, -- where
	path HIDDEN -- argument
)
