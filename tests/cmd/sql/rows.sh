# Rows of captures as tables.
head -c 40000 testdata/gc.trace >cut.trace
prof archive add -q --full n.db testdata/gc.trace testdata/annotations.trace testdata/piles.go1.27.trace.gz \
	testdata/gcpace.gogc100.log testdata/contend.mutex.pb.gz cut.trace 2>/dev/null
q() { prof sql --format=csv n.db "$@" | tr -d '\r'; s=${PIPESTATUS[0]}; [ $s = 0 ] || echo "status $s"; }
tables="damages gc_cycles pauses metrics goroutine_groups group_waits group_histograms goroutines tasks regions logs goroutine_labels cpu_samples"
# Statements, one a line, of which each two say the same: all by one process, with a mark behind each.
same() {
	cat >statements
	q "$(sed 's/$/; SELECT 1 AS "=";/' statements)" >said
	perl -e '
		my ($asked, $said) = map { open my $f, "<", $_ or die; local $/; <$f> } "statements", "said";
		my @asked = split /\n/, $asked;
		my @said = split /^=\n1\n/m, $said, -1;
		print "it said: $said[-1]" if pop @said ne "";
		print @said . " answers to " . @asked . " statements\n" if @said != @asked;
		for (my $i = 0; $i + 1 < @said; $i += 2) { print "$asked[$i]\n" if $said[$i] ne $said[$i + 1] || $said[$i] !~ /\n/; }'
}
prof sql --schema >schema
for t in $tables; do
	# All columns are documented, and rows can be told apart.
	sed -n "/^CREATE TABLE $t(/,/^)/s/^\t\([a-z_]*\) \(INTEGER\|TEXT\),* -- .*/\1/p" schema >columns
	q "PRAGMA table_info($t)" | tail -n +2 | cut -d, -f2 | cmp - columns
	q "SELECT '$t' AS \"table\", count(*) AS n, count(DISTINCT rowid) AS ids, count(DISTINCT profile) AS captures FROM $t" | tail -1
	{
		# What is looked up by a column is what is found without.
		for c in $(sed -n "/^CREATE TABLE $t(/,/^)/s/^\t\([a-z_]*\) INTEGER.*/\1/p" schema); do
			for x in x.$c +x.$c; do
				echo "SELECT count(*), sum(x.rowid * (k.k IS NOT NULL)) FROM (SELECT DISTINCT profile, $c AS k FROM $t) AS k" \
					"JOIN $t AS x ON x.profile = k.profile AND $x = k.k"
			done
		done
		# They come in order; what is wanted in another one is sorted.
		for order in 'profile' 'profile, rowid' 'rowid' 'rowid DESC' 'profile DESC, rowid'; do
			echo "SELECT rowid FROM $t ORDER BY $order"
			echo "SELECT rowid FROM $t ORDER BY +${order/, /, +}"
		done
		echo "SELECT rowid FROM $t WHERE profile IN (3, 1, 3, 7) ORDER BY rowid"
		echo "SELECT rowid FROM $t WHERE +profile IN (1, 3, 7) ORDER BY +rowid"
	} | same
done
prof sql n.db "EXPLAIN QUERY PLAN SELECT * FROM pauses ORDER BY profile, place; EXPLAIN QUERY PLAN SELECT * FROM gc_cycles WHERE profile = 1 ORDER BY place;
	EXPLAIN QUERY PLAN SELECT * FROM pauses ORDER BY place" | grep -c 'TEMP B-TREE'

# Values of other types compare as with any column of integers.
for v in 3 "'3'" 3.0 "' 3 '" 3.5 "'x'" "x'33'" NULL 1e300 99 -1; do
	echo "SELECT '${v//\'/"''"}', (SELECT count(*) FROM goroutines WHERE profile = $v),"
	echo "(SELECT count(*) FROM goroutines WHERE profile = 3 AND id = $v), (SELECT count(*) FROM goroutine_groups WHERE profile = 3 AND id = $v);"
done | prof sql --format=csv n.db | tr -d '\r' | grep -v SELECT
q "SELECT count(*) FROM goroutines a, goroutines b WHERE a.profile = 1 AND b.profile = 3 AND b.group_id = a.group_id"
q "SELECT p.id, p.kind, (SELECT count(*) FROM pauses WHERE profile = p.id) AS pauses, (SELECT max(entry) FROM goroutines WHERE profile = p.id) AS entry FROM profiles AS p"
q "SELECT w.entry, h.entry FROM group_waits w LEFT JOIN group_histograms h ON h.profile = w.profile AND h.group_id = w.group_id WHERE w.profile = 1 LIMIT 1"
# A statement sees what the one before did.
cp n.db w.db
prof sql --write w.db "SELECT count(*) AS goroutines FROM goroutines; DELETE FROM capture WHERE profile = 3; DELETE FROM capture_data WHERE profile = 3;
	SELECT count(*) AS goroutines FROM goroutines; SELECT count(*) AS goroutines FROM goroutines WHERE profile = 3"
# Where there is nothing of the kind.
prof archive add -q p.db testdata/contend.mutex.pb.gz
for t in $tables; do echo "SELECT * FROM $t; SELECT * FROM $t WHERE profile = 1;"; done | prof sql --format=csv p.db | wc -l
# Only reading.
prof sql --write n.db "DELETE FROM goroutines"; echo "status $?"
prof sql --write n.db "CREATE TABLE tasks(x); INSERT INTO tasks VALUES('its own'); SELECT * FROM tasks; DROP TABLE tasks; SELECT id FROM tasks"

# The extension shows the same; what loads it is not made for the sanitizers.
if [ -z "$SAN" ]; then
	for t in $tables; do
		sqlite3 -csv n.db ".load ${PROF%/*}/prof.so" "SELECT rowid, * FROM $t" | tr -d '"\r' | cmp - <(q "SELECT rowid, * FROM $t" | tail -n +2 | tr -d '"') || echo "$t"
	done
	sqlite3 other.db ".load ${PROF%/*}/prof.so" "SELECT * FROM logs" 2>&1 | grep -c 'logs: is an SQLite database, but not an archive of prof'
else
	echo 1
fi
# What does not fit into memory.
prof sql --limit=memory=300K n.db "SELECT count(*) FROM goroutines a JOIN goroutines b ON a.profile = b.profile AND a.id = b.created_by"; echo "status $?"

# Rows that are missing, or others than they were.
for change in 'DELETE FROM capture_data WHERE part = 5' 'DELETE FROM capture_data WHERE part = 5 AND profile = 3' 'DELETE FROM capture_data WHERE part = 1' \
	'UPDATE capture_data SET data = (SELECT data FROM capture_data WHERE part = 5 AND profile = 1) WHERE part = 5 AND profile = 3' \
	'UPDATE capture SET damages = 7 WHERE profile = 3'; do
	cp n.db bad.db
	prof sql --write bad.db "$change"
	for t in goroutines group_waits pauses; do
		prof sql bad.db "SELECT * FROM $t" >bad; s=$?
		[ $s = 1 ] || prof sql n.db "SELECT * FROM $t" | cmp -s - bad || echo "$change: $t: $s"
	done
done
