-- Goroutines' ways from one state to another, in the order of time, of traces that were added with --full. They are
-- found quickly by profile, and there by t_ns, goroutine and actor.
CREATE TABLE transitions(
	profile INTEGER, -- profile.id
	t_ns INTEGER, -- when
	goroutine INTEGER, -- its id
	old TEXT, -- unknown, none, runnable, running, waiting, system call
	new TEXT, -- likewise
	duration_ns INTEGER, -- how long it was in the old one
	reason TEXT, -- why
	stack INTEGER, -- of whoever did it
	actor INTEGER, -- the other goroutine that did it (created it, unblocked it), its id
	proc INTEGER, -- where
	thread INTEGER -- where
)
