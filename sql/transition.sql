-- What the first trace with --full brings.

-- A goroutine's way from one state to another, in the order of time. States: 0 not known,
-- 1 not there, 2 runnable, 3 running, 4 waiting, 5 in a system call.
CREATE TABLE transition(
	profile INTEGER NOT NULL, -- profile.id
	t_ns INTEGER NOT NULL,
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
	x.profile AS profile, x.t_ns AS t_ns, x.goroutine AS goroutine,
	CASE x.old WHEN 0 THEN 'unknown' WHEN 1 THEN 'none' WHEN 2 THEN 'runnable'
		WHEN 3 THEN 'running' WHEN 4 THEN 'waiting' ELSE 'system call' END AS old,
	CASE x.new WHEN 0 THEN 'unknown' WHEN 1 THEN 'none' WHEN 2 THEN 'runnable'
		WHEN 3 THEN 'running' WHEN 4 THEN 'waiting' ELSE 'system call' END AS new,
	x.duration_ns AS duration_ns, r.text AS reason, x.stack AS stack, x.actor AS actor, x.proc AS proc, x.thread AS thread
FROM transition AS x
LEFT JOIN name AS r ON r.id = x.reason;
