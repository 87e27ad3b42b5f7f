-- What came with the first capture that is not a profile alone: an execution trace, a log of the garbage
-- collector, a goroutine dump. Each is a profile, too (its stacks).

CREATE TABLE capture(
	profile INTEGER PRIMARY KEY, -- profile.id
	kind TEXT NOT NULL, -- trace, gctrace, goroutines or memstats
	format TEXT NOT NULL, -- a trace's header, "go 1.23 trace"; else ""
	complete INTEGER NOT NULL, -- 1: with every transition (--full)
	damages INTEGER NOT NULL, -- of a trace: places where it is damaged; of a log: unreadable lines
	row_count INTEGER NOT NULL, -- in all tables of captures
	row_sum INTEGER NOT NULL, -- of the checksums of its blobs
	checksum INTEGER NOT NULL -- CRC-32 of this row
) STRICT;

-- What reports are made of again, and the rows of all tables of captures, as columns.
CREATE TABLE capture_data(
	profile INTEGER NOT NULL, -- profile.id
	part INTEGER NOT NULL, -- 0: summary, 1: timeline, 2: goroutines, 3: moments, 4: waits, 5: index, 6, 7: where transitions are, 8: strings, 16 …: rows
	place INTEGER NOT NULL, -- number of the first string or row in it
	data BLOB NOT NULL, -- sealed
	PRIMARY KEY(profile, part, place)
) STRICT; -- with rowids, which keep blobs of hundreds of bytes in one piece
