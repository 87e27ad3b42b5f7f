# An archive of version 1 has no views: it can be read as it is, and who writes brings it up to date.
prof archive add -q n.db testdata/contend.mutex.pb.gz >/dev/null
prof sql --write n.db "DROP VIEW profiles; DROP VIEW labels; DROP VIEW totals; PRAGMA user_version = 1"
prof archive ls n.db
prof sql n.db "SELECT count(*) FROM profiles"; echo "status $?"
prof sql n.db "PRAGMA user_version"
prof archive add -q n.db testdata/contend.block.pb.gz
prof sql n.db "PRAGMA user_version; SELECT id, kind FROM profiles"
prof archive verify n.db
# A hostile schema.
prof sql --write n.db "CREATE TRIGGER t AFTER INSERT ON profile BEGIN DELETE FROM profile; END"
prof archive ls n.db; echo "status $?"
