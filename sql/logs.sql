-- Messages of traces (runtime/trace).
CREATE TABLE logs(
	profile INTEGER, -- profile.id
	t_ns INTEGER, -- when
	goroutine INTEGER, -- that logged it
	task INTEGER, -- tasks.id
	category TEXT, -- NULL: none
	message TEXT, -- what it says
	stack INTEGER -- where: a sample of the profile; NULL: none
)
