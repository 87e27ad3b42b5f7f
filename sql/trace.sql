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

CREATE VIEW goroutine_groups AS
SELECT
	g.profile AS profile, g.place AS id, e.text AS entry, c.text AS creator, g.stack AS stack,
	g.goroutines AS goroutines, g.rolled AS rolled, g.unfinished AS unfinished,
	g.running_ns AS running_ns, g.runnable_ns AS runnable_ns, g.waiting_ns AS waiting_ns,
	g.syscall_ns AS syscall_ns, g.longest_ns AS longest_ns
FROM goroutine_group AS g
LEFT JOIN name AS e ON e.id = g.entry
LEFT JOIN name AS c ON c.id = g.creator;

CREATE VIEW group_waits AS
SELECT
	w.profile AS profile, g.entry AS entry, g.creator AS creator, r.text AS reason,
	w.waits AS waits, w.waiting_ns AS waiting_ns
FROM group_wait AS w
JOIN goroutine_groups AS g ON g.profile = w.profile AND g.id = w.group_id
LEFT JOIN name AS r ON r.id = w.reason;

CREATE VIEW goroutines AS
SELECT
	x.profile AS profile, x.id AS id, g.entry AS entry, g.creator AS creator,
	x.creator AS created_by, -- goroutine that created it, its id
	x.born_ns AS born_ns, x.died_ns AS died_ns,
	x.running_ns AS running_ns, x.runnable_ns AS runnable_ns, x.waiting_ns AS waiting_ns,
	x.syscall_ns AS syscall_ns,
	CASE x.state WHEN 2 THEN 'runnable' WHEN 3 THEN 'running' WHEN 4 THEN 'waiting'
		WHEN 5 THEN 'system call' END AS state, -- at the end
	r.text AS reason, x.stack AS stack, x.since_ns AS since_ns
FROM goroutine AS x
LEFT JOIN goroutine_groups AS g ON g.profile = x.profile AND g.id = x.group_id
LEFT JOIN name AS r ON r.id = x.reason;

CREATE VIEW tasks AS
SELECT
	x.profile AS profile, x.id AS id, x.parent AS parent, t.text AS type, x.begin_ns AS begin_ns,
	x.end_ns AS end_ns, x.end_ns - x.begin_ns AS duration_ns, x.goroutine AS goroutine,
	x.stack AS stack
FROM task AS x
LEFT JOIN name AS t ON t.id = x.type;

CREATE VIEW regions AS
SELECT
	x.profile AS profile, x.task AS task, t.text AS type, x.begin_ns AS begin_ns,
	x.end_ns AS end_ns, x.end_ns - x.begin_ns AS duration_ns, x.goroutine AS goroutine,
	x.stack AS stack
FROM region AS x
LEFT JOIN name AS t ON t.id = x.type;

CREATE VIEW logs AS
SELECT
	x.profile AS profile, x.t_ns AS t_ns, x.goroutine AS goroutine, x.task AS task,
	c.text AS category, m.text AS message, x.stack AS stack
FROM log AS x
LEFT JOIN name AS c ON c.id = x.category
LEFT JOIN name AS m ON m.id = x.message;
