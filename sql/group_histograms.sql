-- Of the goroutines of a group that are no rows of goroutines: how many by how long.
CREATE TABLE group_histograms(
	profile INTEGER, -- profile.id
	entry TEXT, -- of the group
	creator TEXT, -- of the group
	what TEXT, -- lifetime, running, runnable, waiting, system call: which time
	at_least_ns INTEGER, -- and less than an eighth of its power of two more
	goroutines INTEGER, -- how many
	group_id INTEGER -- goroutine_groups.id
)
