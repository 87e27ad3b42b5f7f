-- Cycles of the garbage collector, out of traces and logs. CPU times are over all processors.
CREATE TABLE gc_cycles(
	profile INTEGER, -- profile.id
	place INTEGER, -- 0, 1, 2 … within it
	segment INTEGER, -- 0, 1 …: a log of several runs has one a run
	n INTEGER, -- the runtime's count, from 1
	start_ns INTEGER, -- when its first pause began
	sweep_term_ns INTEGER, -- first pause
	mark_ns INTEGER, -- marking, beside the program
	mark_term_ns INTEGER, -- second pause
	assist_cpu_ns INTEGER, -- marking by goroutines that allocate
	dedicated_cpu_ns INTEGER, -- by workers; in logs with the fractional ones'
	fractional_cpu_ns INTEGER, -- by workers
	idle_cpu_ns INTEGER, -- by workers, where nothing else was to do
	cpu_ns INTEGER, -- what it cost: pauses, assists and workers, idle ones not
	start_bytes INTEGER, -- heap when it began
	end_bytes INTEGER, -- heap when marking ended
	live_bytes INTEGER, -- of it marked
	goal_bytes INTEGER, -- where marking was to end
	stacks_bytes INTEGER, -- that count towards the goal
	globals_bytes INTEGER, -- likewise
	procs INTEGER, -- GOMAXPROCS
	reason TEXT -- heap, forced, leak check, periodic
)
