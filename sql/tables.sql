-- What an archive keeps. Times are integer ns (since 1970 UTC where they are points in
-- time). Blobs are sealed: compressed, with a checksum (libprof/store/seal.h). Ids of profiles
-- are never used again. Later kinds of captures (traces, GC timelines) get tables of their own with the version
-- that brings them.

-- A service: profiles that share their strings, functions and stacks.
CREATE TABLE service(
	id INTEGER PRIMARY KEY, -- 1, 2, 3 …
	name TEXT NOT NULL UNIQUE, -- label "service", else the main binary's file name
	profiles INTEGER NOT NULL -- how many it has
) STRICT;

-- A build of a service: what has lines and addresses of its own.
CREATE TABLE build(
	id INTEGER PRIMARY KEY, -- 1, 2, 3 …
	service INTEGER NOT NULL, -- service.id
	place INTEGER NOT NULL, -- 0, 1, 2 … within the service: page.build
	file TEXT NOT NULL, -- main binary's path
	build_id TEXT NOT NULL, -- main binary's build id, "" where the profile has none
	label TEXT NOT NULL, -- without a build id: label "build", else "rev", else ""
	UNIQUE(service, place)
) STRICT;

-- A profile. What more it is made of is in total, profile_label and sample.
CREATE TABLE profile(
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- what DB:ID names
	service INTEGER NOT NULL, -- service.id
	build INTEGER NOT NULL, -- build.id
	kind TEXT NOT NULL, -- cpu heap allocs goroutine block mutex threadcreate …
	time_ns INTEGER NOT NULL, -- when it was taken; 0: not known
	duration_ns INTEGER NOT NULL, -- how long it collected; 0: a snapshot
	period INTEGER NOT NULL, -- events between two samples, in the period's unit
	samples INTEGER NOT NULL, -- how many rows it has: stacks with labels
	file_bytes INTEGER NOT NULL, -- of the file that it came from
	source TEXT NOT NULL, -- the path that was added
	sorted INTEGER NOT NULL, -- 1: its samples no longer stand in the file's order
	sample_crc INTEGER NOT NULL, -- the checksum in sample.data
	checksum INTEGER NOT NULL -- CRC-32 of this row, its totals and labels
) STRICT;

-- The sum of each column of values.
CREATE TABLE total(
	profile INTEGER NOT NULL, -- profile.id
	place INTEGER NOT NULL, -- 0, 1, 2 … as the profile has its sample types
	type TEXT NOT NULL, -- "cpu", "inuse_space" …
	unit TEXT NOT NULL, -- "nanoseconds", "bytes", "count" …
	value INTEGER NOT NULL, -- sum over the samples, in the unit
	PRIMARY KEY(profile, place)
) STRICT, WITHOUT ROWID;

-- Labels of whole profiles: service, build, rev, env, host …
CREATE TABLE label(
	id INTEGER PRIMARY KEY, -- 1, 2, 3 …
	key TEXT NOT NULL, -- "rev", "env" …
	value TEXT NOT NULL, -- text
	UNIQUE(key, value)
) STRICT;

CREATE TABLE profile_label(
	profile INTEGER NOT NULL, -- profile.id
	label INTEGER NOT NULL, -- label.id
	PRIMARY KEY(profile, label)
) STRICT, WITHOUT ROWID;

-- By what a profile is known again.
CREATE TABLE digest(
	sha256 BLOB PRIMARY KEY, -- of a file's bytes, or of what they say
	profile INTEGER NOT NULL, -- profile.id
	content INTEGER NOT NULL -- 0: of a file's bytes, 1: of what they say
) STRICT, WITHOUT ROWID;

-- The service's dictionaries and tree of stacks, in pages (libprof/store/dict.h).
CREATE TABLE page(
	id INTEGER PRIMARY KEY, -- 1, 2, 3 …
	service INTEGER NOT NULL, -- service.id
	series INTEGER NOT NULL, -- which dictionary: enum prof_series
	build INTEGER NOT NULL, -- build.place, for what belongs to one; else 0
	first INTEGER NOT NULL, -- id of the first entry
	entries INTEGER NOT NULL, -- how many
	data BLOB NOT NULL -- sealed
) STRICT;
CREATE INDEX page_service ON page(service);

-- A profile's samples (libprof/store/samples.h).
CREATE TABLE sample(
	profile INTEGER PRIMARY KEY, -- profile.id
	data BLOB NOT NULL -- sealed
) STRICT;

-- The file itself, where --keep-raw asked for it.
CREATE TABLE raw(
	profile INTEGER PRIMARY KEY, -- profile.id
	data BLOB NOT NULL -- as it was
) STRICT;
