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
# Of versions 5 and 7, with captures of each kind, whose rows are in tables and in pages that all are deflated: all is told
# as before, as it is and after somebody wrote to it; what is not as it was stays damaged, but can be read but for its rows.
tell() {
	for i in 1 2 6 7; do
		for c in 'trace summary' contention top leak gc; do prof $c --json $1:$i; done
	done
	prof leak --json $1:3; prof gc --json $1:4; prof gc --json $1:5
	local sql=
	for rows in 'n, start_ns, cpu_ns, live_bytes, reason FROM gc_cycles' 'start_ns, duration_ns, goroutine, reason FROM pauses' \
		'name, t_ns, least, most, last FROM metrics' 'id, entry, creator, born_ns, died_ns, waiting_ns, state, reason, stack FROM goroutines' \
		'entry, creator, goroutines, waiting_ns FROM goroutine_groups' 'entry, reason, waits, waiting_ns FROM group_waits' \
		'id, parent, type, duration_ns FROM tasks' 'task, type, begin_ns, end_ns, stack FROM regions' 't_ns, category, message FROM logs' \
		'offset, generation, what FROM damages' 't_ns, goroutine, old, new, reason, actor FROM transitions'; do
		sql="$sql SELECT profile, $rows ORDER BY 1, 2, 3, 4;"
	done
	prof sql --format=csv $1 "$sql"
} 2>&1
for v in 5 7; do
	gzip -dc testdata/archive.v$v.db.gz >v$v.db
	tell v$v.db >old.v$v; wc -l <old.v$v
	prof archive verify v$v.db; prof sql v$v.db "PRAGMA user_version"
	cp v$v.db new.db; prof archive tag new.db 1 env=prod; prof archive verify new.db; prof sql new.db "PRAGMA user_version"
	tell new.db | sed "s/new[.]db/v$v.db/" | cmp - old.v$v && echo same
	[ $(stat -c %s new.db) -lt $(stat -c %s v$v.db) ] && echo smaller
	gzip -c testdata/annotations.trace >a.gz; gzip -c testdata/gc.trace.log >b.gz
	prof archive add --label rev=ab12 new.db testdata/annotations.trace a.gz b.gz
done
perl -pe 's/heap goal/heap gaol/' v5.db >bad.db
for i in 1 2; do
	prof archive verify bad.db | head -3; prof trace summary bad.db:1 >summary; echo "status $?"
	prof sql bad.db "SELECT count(*) FROM goroutines" >/dev/null; echo "rows: status $?"
	prof archive tag bad.db 1 env=prod
done
prof archive prune -q --keep=none bad.db 1,2,3,4,5,6; prof archive verify bad.db
# In version 7 transitions are in a table: their loss is told, and costs nothing else.
perl -pe 's/network/netwerk/' v7.db >bad.db
for i in 1 2; do
	prof archive verify bad.db | head -3
	for t in transitions goroutines regions; do
		prof sql bad.db "SELECT count(*) FROM $t WHERE profile = 7"; echo "$t: status $?"
	done
	prof archive tag bad.db 1 env=prod
done
prof archive add -q v2.db testdata/gcpace.gogc100.log
prof sql v2.db "PRAGMA user_version; SELECT profile, kind FROM capture"
# Nobody writes to one that a later version made.
prof sql --write v2.db "PRAGMA user_version = 9"
prof archive tag v2.db 1 env=test; echo "status $?"
prof archive ls v2.db; echo "status $?"

# A hostile schema.
prof sql --write n.db "CREATE TRIGGER t AFTER INSERT ON profile BEGIN DELETE FROM profile; END"
prof archive ls n.db; echo "status $?"
# A capture whose row is gone does not stand in the way of the others: it can be taken out.
for v in 5 7; do
	cp v$v.db bad.db; sqlite3 bad.db "DELETE FROM capture WHERE profile = 3"
	prof archive tag bad.db 1 env=prod; prof sql bad.db "SELECT count(*) FROM goroutines"; echo "rows: status $?"
	prof archive prune -q --keep=none bad.db 3; prof archive verify bad.db
	prof archive add bad.db testdata/annotations.trace
done
