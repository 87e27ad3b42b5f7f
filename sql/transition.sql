-- What the first trace with --full brings. Times are ns from the start of the capture; NULL: not known,
-- or none.

-- Strings.
CREATE TABLE name(
	id INTEGER PRIMARY KEY, -- 1, 2, 3 …
	text TEXT NOT NULL UNIQUE, -- why goroutines waited
	checksum INTEGER NOT NULL -- CRC-32 of id and text
) STRICT;

-- A goroutine's way from one state to another, in the order of time. States: 0 not known,
-- 1 not there, 2 runnable, 3 running, 4 waiting, 5 in a system call.
CREATE TABLE transition(
	profile INTEGER NOT NULL, -- profile.id
	t_ns INTEGER NOT NULL, -- when
	goroutine INTEGER NOT NULL, -- its id
	old INTEGER NOT NULL, -- state
	new INTEGER NOT NULL, -- state
	duration_ns INTEGER, -- how long it was in the old one
	reason INTEGER, -- name.id: why
	stack INTEGER, -- of whoever did it
	actor INTEGER, -- the other goroutine that did it (created it, unblocked it), its id
	proc INTEGER, -- where
	thread INTEGER -- where
) STRICT;

CREATE VIEW transitions AS
SELECT
	x.profile AS profile, -- profile.id
	x.t_ns AS t_ns, -- when
	x.goroutine AS goroutine, -- its id
	CASE x.old WHEN 0 THEN 'unknown' WHEN 1 THEN 'none' WHEN 2 THEN 'runnable'
		WHEN 3 THEN 'running' WHEN 4 THEN 'waiting' ELSE 'system call' END AS old,
	CASE x.new WHEN 0 THEN 'unknown' WHEN 1 THEN 'none' WHEN 2 THEN 'runnable'
		WHEN 3 THEN 'running' WHEN 4 THEN 'waiting' ELSE 'system call' END AS new,
	x.duration_ns AS duration_ns, -- how long it was in the old one
	r.text AS reason, -- why
	x.stack AS stack, -- of whoever did it
	x.actor AS actor, -- the other goroutine that did it, its id
	x.proc AS proc, -- where
	x.thread AS thread -- where
FROM transition AS x
LEFT JOIN name AS r ON r.id = x.reason;
