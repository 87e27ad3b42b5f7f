-- Views to read an archive with. They need nothing but SQLite.

-- A row a profile, with the names of its service and build.
CREATE VIEW profiles AS
SELECT
	profile.id AS id, -- what DB:ID names
	coalesce( -- its label "service", which may have been changed, else the service it was added to
		(SELECT label.value
		FROM profile_label
		JOIN label ON label.id = profile_label.label
		WHERE profile_label.profile = profile.id AND label.key = 'service'),
		service.name) AS service,
	profile.kind AS kind, -- cpu heap allocs goroutine block mutex …
	strftime('%Y-%m-%d %H:%M:%S', nullif(profile.time_ns, 0) / 1000000000, 'unixepoch') AS time, -- UTC
	nullif(profile.time_ns, 0) AS time_ns, -- when it was taken, ns since 1970 UTC; NULL: not known
	profile.duration_ns AS duration_ns, -- how long it collected, ns; 0: a snapshot
	profile.samples AS samples, -- how many: stacks with labels
	build.build_id AS build_id, -- the main binary's; "": it has none
	build.file AS binary, -- path of the main binary
	profile.source AS source, -- the file that was added
	profile.file_bytes AS file_bytes, -- its size, bytes
	length(sample.data) AS stored_bytes -- what the samples take in the archive, bytes
FROM profile
JOIN service ON service.id = profile.service
JOIN build ON build.id = profile.build
JOIN sample ON sample.profile = profile.id;

-- A row a label of a profile.
CREATE VIEW labels AS
SELECT
	profile_label.profile AS profile, -- profiles.id
	label.key AS key, -- "rev", "env" …
	label.value AS value -- text
FROM profile_label
JOIN label ON label.id = profile_label.label;

-- A row a sample type of a profile: its total, and a second's share of it.
CREATE VIEW totals AS
SELECT
	total.profile AS profile, -- profiles.id
	total.type AS type, -- "cpu", "inuse_space" …
	total.unit AS unit, -- "nanoseconds", "bytes", "count" …
	total.value AS value, -- sum over all samples, in the unit
	total.value * 1e9 / nullif(profile.duration_ns, 0) AS per_second -- in the unit; NULL for snapshots
FROM total
JOIN profile ON profile.id = total.profile;
