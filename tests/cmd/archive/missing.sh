# Rows that others belong to are gone: told, and not taken for an archive that holds less.
prof archive add -q n.db testdata/leaky.heap.t0.pb.gz testdata/checkout.after.cpu.pb.gz testdata/annotations.trace testdata/gc.trace.log
for change in 'DELETE FROM service' 'DELETE FROM service WHERE id = 2' 'DELETE FROM build WHERE id = 2' 'DELETE FROM profile WHERE id = 2' 'DELETE FROM profile' \
	'DELETE FROM capture' 'DELETE FROM capture WHERE profile = 4' 'DROP TABLE capture' 'DROP TABLE capture_data'; do
	cp n.db bad.db
	prof sql --write bad.db "$change"
	echo "$change:"
	prof archive ls bad.db | tail -1
	prof archive show bad.db all | tail -1
	prof archive stats --json bad.db | grep '^"profiles"'
	prof archive tag bad.db all x=y
	prof sql bad.db 'SELECT count(*) FROM goroutines; SELECT count(*) FROM gc_cycles' | tail -1
	prof sql bad.db "SELECT count(*) FROM prof_samples('all')" | tail -1
	prof archive prune --keep=none bad.db 1
	prof archive verify -q bad.db >/dev/null; echo "verify: status $?"
done 2>&1
