# The questions of the manual, and what they answer; traces and logs that are files.
man=$(readlink -f testdata)/../cmd/prof-sql.1
db=$PWD/traces.db
cd testdata || exit

sed -n 's/^\$ prof archive add --full traces.db/prof archive add -q --full $db/p; s/^\$ prof sql traces.db/prof sql $db/p' "$man" |
while IFS= read -r command; do
	eval "$command" || echo "status $?"
	echo
done
prof archive verify $db

# What the functions tell of a file agrees with the rows of the archive.
same() { cmp <(prof sql --format=csv $db "$1") <(prof sql --format=csv $db "$2") && echo same; }
for f in 1:gc.trace 2:annotations.trace 3:piles.go1.27.trace.gz; do
	same "SELECT t_ns, goroutine, old, new, duration_ns, reason, actor, proc, thread FROM transitions WHERE profile = ${f%%:*} ORDER BY 1, 2, 3, 4" \
		"SELECT t_ns, goroutine, old, new, duration_ns, reason, actor, proc, thread FROM prof_transitions('${f#*:}') ORDER BY 1, 2, 3, 4"
	same "SELECT id, entry, creator, created_by, born_ns, died_ns, running_ns, runnable_ns, waiting_ns, syscall_ns, state, reason, since_ns
			FROM goroutines WHERE profile = ${f%%:*}" \
		"SELECT id, entry, creator, created_by, born_ns, died_ns, running_ns, runnable_ns, waiting_ns, syscall_ns, state, reason, since_ns
			FROM prof_goroutines('${f#*:}')"
	same "SELECT n, start_ns, mark_ns, cpu_ns, live_bytes, procs, reason FROM gc_cycles WHERE profile = ${f%%:*}" \
		"SELECT n, start_ns, mark_ns, cpu_ns, live_bytes, procs, reason FROM prof_gc('${f#*:}')"
done
# Labels that goroutines have already are told again in the file.
same "SELECT t_ns, goroutine, label FROM goroutine_labels WHERE profile = 1" "SELECT t_ns, subject AS goroutine, name AS label FROM
	(SELECT *, lag(name) OVER (PARTITION BY subject ORDER BY t_ns) AS before FROM prof_events('gc.trace') WHERE kind = 'label')
	WHERE name IS NOT before ORDER BY t_ns"
prof sql $db "SELECT count(*) AS labels, (SELECT count(*) FROM prof_events('gc.trace') WHERE kind = 'label') AS told FROM goroutine_labels WHERE profile = 1"
# Sums of transitions are the states of the summary, but for what the end cut.
prof sql $db "SELECT sum(duration_ns) <= (SELECT sum(running_ns) FROM goroutine_groups WHERE profile = 1) AS less FROM transitions
	WHERE profile = 1 AND old = 'running'"
# As many events as the summary counts.
prof sql --format=csv $db "SELECT count(*) FROM prof_events('gc.trace')" | tail -1 | tr -d '\r'
prof trace summary --json gc.trace | sed -n 's/^"events": \(.*\),/\1/p'
prof sql $db "SELECT min(stack) FROM prof_goroutines('piles.go1.27.trace.gz') WHERE reason = 'chan send'"
for bad in "SELECT * FROM prof_events('nosuch')" "SELECT * FROM prof_goroutines('gc.trace.log')" "SELECT * FROM prof_gc('contend.mutex.pb.gz')" \
	"SELECT * FROM prof_transitions" "SELECT count(*) FROM prof_transitions(NULL)"; do
	prof sql $db "$bad"; echo "status $?"
done
prof sql --write $db "CREATE VIEW v AS SELECT * FROM prof_gc('gc.trace')" && prof sql $db "SELECT * FROM v"; echo "status $?"
