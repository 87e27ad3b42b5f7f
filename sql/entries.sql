-- Profiles with the names of their service and build, NULL where those are missing; ids ?1 to ?2.
SELECT
	profile.id, profile.service, profile.build, build.place, profile.time_ns,
	profile.duration_ns, profile.period, profile.samples, profile.file_bytes, profile.sorted,
	profile.checksum, profile.sample_crc,
	service.name, profile.kind, profile.source, build.file, build.build_id, build.label
FROM profile
LEFT JOIN service ON service.id = profile.service
LEFT JOIN build ON build.id = profile.build
WHERE profile.id BETWEEN ?1 AND ?2
ORDER BY profile.id
