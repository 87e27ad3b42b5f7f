-- What the first execution trace brings. A stack is the sample of that number in the trace's
-- profile (prof_samples), NULL where there is none; a goroutine is its id in the program.

-- Goroutines of one entry function and creator.
CREATE TABLE goroutine_group(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- 0, 1, 2 …: goroutine.group_id
	entry INTEGER, -- name.id: the function that they were started with
	creator INTEGER, -- name.id: the function with the go statement
	stack INTEGER, -- of the first one's creation
	goroutines INTEGER, -- all of them; so are the sums
	rolled INTEGER, -- that are no rows of table goroutine
	unfinished INTEGER, -- that were there at the end
	running_ns INTEGER, -- of all together
	runnable_ns INTEGER, -- ready, and waiting for a processor
	waiting_ns INTEGER, -- blocked
	syscall_ns INTEGER, -- in system calls
	longest_ns INTEGER, -- the longest life
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- What the goroutines of a group waited for.
CREATE TABLE group_wait(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- the order in which rows were written
	group_id INTEGER, -- goroutine_group.place
	reason INTEGER, -- name.id: "chan receive" …
	waits INTEGER, -- how often
	waiting_ns INTEGER, -- how long, together
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- Of the goroutines of a group that are no rows: how many by how long.
CREATE TABLE group_histogram(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- the order in which rows were written
	group_id INTEGER, -- goroutine_group.place
	what INTEGER, -- 0 lifetime, 1 running, 2 runnable, 3 waiting, 4 system calls
	at_least_ns INTEGER, -- and less than an eighth of its power of two more
	goroutines INTEGER,
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- A goroutine's life. Without --full not all have a row: of a group's first 100 all, then so many as are
-- cheap beside the trace's events, and 10,000 at most; of the rest those that were unfinished, and
-- the 100 longest-lived and longest-waiting. Where data of the trace is lost (table damage), nothing is known
-- of anybody any more: one that lived before and after is two rows of one id, the first unfinished (died_ns
-- NULL, its state that of when the data ended), the second born before what follows (born_ns NULL); its
-- group counts it twice.
CREATE TABLE goroutine(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- the order in which rows were written
	id INTEGER, -- the program's number for it
	group_id INTEGER, -- goroutine_group.place
	born_ns INTEGER, -- NULL: before the trace
	died_ns INTEGER, -- NULL: it was there at the end
	running_ns INTEGER,
	runnable_ns INTEGER, -- ready, and waiting for a processor
	waiting_ns INTEGER, -- blocked
	syscall_ns INTEGER, -- in system calls
	creator INTEGER, -- goroutine that created it, its id
	state INTEGER, -- at the end: 2 runnable, 3 running, 4 waiting, 5 in a system call
	reason INTEGER, -- name.id: what it waited for at the end
	stack INTEGER, -- where it went into that state
	since_ns INTEGER, -- when it did
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- A task (runtime/trace).
CREATE TABLE task(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- the order in which they ended
	id INTEGER, -- the program's number for it
	parent INTEGER, -- task it is part of, its id
	type INTEGER, -- name.id
	begin_ns INTEGER, -- NULL: before the trace
	end_ns INTEGER, -- NULL: not in the trace
	goroutine INTEGER, -- that began it
	stack INTEGER, -- where it began
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- A region (runtime/trace).
CREATE TABLE region(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- the order in which they ended
	begin_ns INTEGER, -- NULL: before the trace
	end_ns INTEGER, -- NULL: not in the trace
	goroutine INTEGER, -- that it is on
	task INTEGER, -- task.id; 0: the background task
	type INTEGER, -- name.id
	stack INTEGER, -- where it began
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- A message (runtime/trace).
CREATE TABLE log(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL,
	t_ns INTEGER,
	goroutine INTEGER,
	task INTEGER, -- task.id
	category INTEGER, -- name.id
	message INTEGER, -- name.id
	stack INTEGER,
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- What a goroutine is from then on: "GC (dedicated)".
CREATE TABLE goroutine_label(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL,
	t_ns INTEGER,
	goroutine INTEGER,
	label INTEGER, -- name.id
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- A sample of the CPU profile that was taken at the same time.
CREATE TABLE cpu_sample(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL,
	t_ns INTEGER,
	goroutine INTEGER,
	thread INTEGER,
	proc INTEGER,
	stack INTEGER,
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;
