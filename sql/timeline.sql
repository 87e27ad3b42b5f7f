-- Version 3: what came with the first capture that is not a profile alone: an execution trace, a log
-- of the garbage collector, a goroutine dump. Each is a profile, too (its stacks); rows here belong to it.
-- Times are ns from the start of the capture, where not said otherwise; NULL: not known, or none.

CREATE TABLE capture(
	profile INTEGER PRIMARY KEY, -- profile.id
	kind TEXT NOT NULL, -- trace, gctrace, goroutines or memstats
	format TEXT NOT NULL, -- a trace's header, "go 1.23 trace"; else ""
	complete INTEGER NOT NULL, -- 1: with every transition (--full)
	damages INTEGER NOT NULL, -- of a trace: places where it is damaged; of a log: unreadable lines
	row_count INTEGER NOT NULL, -- in all of the tables below
	row_sum INTEGER NOT NULL, -- of the checksums of those rows
	checksum INTEGER NOT NULL -- CRC-32 of this row
) STRICT;

-- What reports are made of again: a summary of a trace, a timeline, goroutines of a dump, goroutines that
-- waited at moments of a trace, and all that waited for one another.
CREATE TABLE capture_data(
	profile INTEGER NOT NULL, -- profile.id
	part INTEGER NOT NULL, -- 0: summary, 1: timeline, 2: goroutines, 3: moments, 4: waits
	data BLOB NOT NULL, -- sealed
	PRIMARY KEY(profile, part)
) STRICT; -- with rowids, which keep blobs of hundreds of bytes in one piece

-- Strings of the tables below.
CREATE TABLE name(
	id INTEGER PRIMARY KEY,
	text TEXT NOT NULL UNIQUE,
	checksum INTEGER NOT NULL -- CRC-32 of id and text
) STRICT;

-- Where a capture is damaged.
CREATE TABLE damage(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- 0, 1, 2 …
	offset INTEGER, -- in the inflated file
	generation INTEGER, -- of the trace
	what INTEGER, -- name.id
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- A cycle of the garbage collector. CPU times are ns over all processors, sizes bytes.
CREATE TABLE gc_cycle(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- 0, 1, 2 … within it
	segment INTEGER, -- 0, 1 …: a log of several runs has one a run
	n INTEGER, -- the runtime's count, from 1
	start_ns INTEGER, -- when its first pause began
	sweep_term_ns INTEGER, -- first pause
	mark_ns INTEGER, -- marking, beside the program
	mark_term_ns INTEGER, -- second pause
	sweep_term_cpu_ns INTEGER, -- first pause, of all that stood still
	mark_term_cpu_ns INTEGER, -- second pause
	assist_cpu_ns INTEGER, -- marking by goroutines that allocate
	dedicated_cpu_ns INTEGER, -- by workers; in logs with the fractional ones'
	fractional_cpu_ns INTEGER, -- by workers
	idle_cpu_ns INTEGER, -- by workers, where nothing else was to do
	start_bytes INTEGER, -- heap when it began
	end_bytes INTEGER, -- heap when marking ended
	live_bytes INTEGER, -- of it marked
	goal_bytes INTEGER, -- where marking was to end
	stacks_bytes INTEGER, -- that count towards the goal
	globals_bytes INTEGER, -- likewise
	procs INTEGER, -- GOMAXPROCS
	reason INTEGER, -- name.id: heap, forced, leak check, periodic
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- A stop of the world: of a trace all, of a log the two of each cycle.
CREATE TABLE pause(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- 0, 1, 2 … within it
	segment INTEGER, -- as in gc_cycle
	start_ns INTEGER,
	duration_ns INTEGER,
	goroutine INTEGER, -- that stopped it, its id
	reason INTEGER, -- name.id: "GC mark termination" …
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- Series: heap, heap goal and GOMAXPROCS of a trace, what a log tells of the scheduler, runtime.MemStats below
-- a heap profile. A value holds until the next one. Of a trace with more than some hundred values of a kind, those of a while are one row.
CREATE TABLE metric(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- 0, 1, 2 … within it
	segment INTEGER, -- as in gc_cycle
	name INTEGER, -- name.id
	t_ns INTEGER, -- of the first value
	least INTEGER, -- of the values of this row
	most INTEGER, -- likewise
	last INTEGER, -- likewise
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;
