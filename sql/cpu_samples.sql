-- Samples of the CPU profile that was taken while the trace was.
CREATE TABLE cpu_samples(
	profile INTEGER, -- profile.id
	t_ns INTEGER, -- when
	goroutine INTEGER, -- NULL: none
	thread INTEGER, -- its id
	proc INTEGER, -- NULL: none
	stack INTEGER -- where: a sample of the profile; NULL: none
)
