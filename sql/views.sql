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
	strftime('%Y-%m-%d %H:%M:%S', profile.time_ns / 1000000000, 'unixepoch') AS time, -- UTC
	profile.time_ns AS time_ns, -- ns since 1970 UTC
	profile.duration_ns AS duration_ns,
	profile.samples AS samples, -- rows
	build.build_id AS build_id,
	build.file AS binary, -- path of the main binary
	profile.source AS source, -- the file that was added
	profile.file_bytes AS file_bytes, -- its size
	length(sample.data) AS stored_bytes -- what the samples take in the archive
FROM profile
JOIN service ON service.id = profile.service
JOIN build ON build.id = profile.build
JOIN sample ON sample.profile = profile.id;

-- A row a label of a profile.
CREATE VIEW labels AS
SELECT profile_label.profile AS profile, label.key AS key, label.value AS value
FROM profile_label
JOIN label ON label.id = profile_label.label;

-- A row a sample type of a profile: its total, and a second's share of it.
CREATE VIEW totals AS
SELECT
	total.profile AS profile,
	total.type AS type,
	total.unit AS unit,
	total.value AS value, -- sum over all samples, in the unit
	total.value * 1e9 / nullif(profile.duration_ns, 0) AS per_second -- NULL for snapshots
FROM total
JOIN profile ON profile.id = total.profile;
