# The functions, the formats, and what is refused.
prof archive add -q -l env=prod n.db testdata/leaky.{goroutine,heap}.t{0,3}.pb.gz testdata/checkout.{before,after}.cpu.pb.gz testdata/contend.{block,mutex}.pb.gz >/dev/null
q() { prof sql "$@"; s=$?; [ $s = 0 ] || echo "status $s"; }
q n.db "SELECT id, service, kind, time, samples, build_id FROM profiles ORDER BY id"
q n.db "SELECT * FROM labels WHERE profile = 2; SELECT profile, type, value, per_second FROM totals WHERE profile < 3"
q n.db "SELECT name, flat, cum, total, type, unit FROM prof_top('type=cpu,service=checkout-after') LIMIT 3"
q n.db "SELECT name, flat FROM prof_top('type=heap,latest', 'inuse_objects') WHERE flat > 0 LIMIT 3"
q n.db "SELECT id, parent, depth, name, self, total FROM prof_flame('type=mutex') LIMIT 5"
q n.db "SELECT name, flat_old, flat_new, flat_change, unit FROM prof_diff('service=checkout-before,type=cpu', 'service=checkout-after,type=cpu') ORDER BY abs(flat_change) DESC, name LIMIT 3"
q --format=csv n.db "SELECT profile, sample, type, value, leaf, labels FROM prof_samples('type=goroutine,latest') ORDER BY value DESC LIMIT 3"
q --json n.db "SELECT depth, function, rel_line, line, inlined FROM (SELECT node, profile FROM prof_samples('type=mutex') LIMIT 1) s, prof_stack(s.node, s.profile) LIMIT 3"
q n.db "SELECT service, count(*) FROM prof_functions() GROUP BY 1"
q n.db "SELECT leaf, sum(value) FROM prof_file('testdata/checkout.after.cpu.pb.gz') WHERE type = 'cpu' GROUP BY 1 ORDER BY 2 DESC LIMIT 2"
q --json n.db "SELECT 1.5 AS r, NULL AS n, x'00ff' AS b, 'a\"b' AS t, 9223372036854775807 AS i"
q --format=csv n.db "SELECT 1.5 AS r, NULL AS n, '' AS e, 'a\"b,c' AS t"
# The sums agree with those of the report.
q n.db "SELECT sum(value) = (SELECT value FROM totals WHERE profile = 1 AND type = s.type) FROM prof_samples(1) s GROUP BY s.type"
for bad in "DELETE FROM profile" "ATTACH 'x.db' AS x" "PRAGMA query_only = 0" "SELECT nosuch" "SELEC 1" "SELECT * FROM prof_top" \
	"SELECT * FROM prof_top('x')" "SELECT * FROM prof_file('nosuch')" "SELECT * FROM prof_stack(99999999999999)" \
	"SELECT * FROM prof_stack(4294967396)" "SELECT load_extension('x')" "VACUUM" "CREATE TABLE t(x)"; do
	q n.db "$bad"
done
echo 'SELECT count(*) FROM profile;' | q n.db
prof sql --schema | grep -c '^CREATE'
# Each column of the tables and views of an archive is documented, too.
prof sql --schema | sed '/^-- Tables that prof/,$d' | grep -P '^\t["a-z]' | grep -v ' -- '
# Each column of the tables that are shown and of the functions is documented.
prof sql --schema | sed -n '/^-- Tables that prof/,$p' | sed -n '/^CREATE TABLE/,/^)/p' | grep -v '^CREATE\|^)\| -- '
prof archive verify n.db
q --json n.db "SELECT 9e999 AS infinite"
q --format=table n.db "SELECT 1 AS one"
# Samples of many profiles come one profile after the other, and the rows of one go on where those of the last ended.
q n.db "SELECT count(*) = count(DISTINCT rowid), min(rowid), max(rowid) = count(*), count(DISTINCT profile) FROM prof_samples('all')"
