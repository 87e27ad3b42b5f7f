-- What the goroutines of a group waited for.
CREATE TABLE group_waits(
	profile INTEGER, -- profile.id
	entry TEXT, -- of the group
	creator TEXT, -- of the group
	reason TEXT, -- chan receive …
	waits INTEGER, -- how often
	waiting_ns INTEGER, -- how long, together
	group_id INTEGER -- goroutine_groups.id
)
