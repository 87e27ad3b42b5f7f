# An archive of version 1 has no views: it can be read as it is, and who writes brings it up to date.
prof archive add -q n.db testdata/contend.mutex.pb.gz >/dev/null
prof sql --write n.db "DROP VIEW profiles; DROP VIEW labels; DROP VIEW totals; PRAGMA user_version = 1"
prof archive ls n.db
prof sql n.db "SELECT count(*) FROM profiles"; echo "status $?"
prof sql n.db "PRAGMA user_version"
prof archive add -q n.db testdata/contend.block.pb.gz
prof sql n.db "PRAGMA user_version; SELECT id, kind FROM profiles"
prof archive verify n.db
# Archives of versions 2 and 3, without and with captures, in which profile 1 got another service: their view
# `profiles` does not go by that.
for v in 2 3; do
	gzip -dc testdata/archive.v$v.db.gz >v$v.db
	prof sql v$v.db "SELECT id, service FROM profiles; PRAGMA user_version"
	prof archive verify v$v.db
	prof archive tag v$v.db 1 env=prod
	prof sql v$v.db "SELECT id, service FROM profiles; PRAGMA user_version"
	prof archive verify v$v.db
	# Its digests are those of this version: what comes out of it is known.
	prof archive export -o 1.pb.gz v$v.db 1
	prof archive add -q v$v.db 1.pb.gz
done
prof archive add -q v2.db testdata/gcpace.gogc100.log
prof sql v2.db "PRAGMA user_version; SELECT profile, kind FROM capture"
# Nobody writes to one that a later version made.
prof sql --write v2.db "PRAGMA user_version = 8"
prof archive tag v2.db 1 env=test; echo "status $?"
prof archive ls v2.db; echo "status $?"

# A hostile schema.
prof sql --write n.db "CREATE TRIGGER t AFTER INSERT ON profile BEGIN DELETE FROM profile; END"
prof archive ls n.db; echo "status $?"
