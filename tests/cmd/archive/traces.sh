# Traces and logs of the collector go in, and tell the same from there.
prof archive add --label rev=ab12 n.db testdata/annotations.trace testdata/gc.trace testdata/pipe.trace testdata/gc.trace.log \
	testdata/piles.go1.2{2,7}.trace.gz testdata/gcpace.*.log
echo "status $?"
prof archive ls n.db
for i in 1 2 3 5 6; do
	f=$(prof sql --format=csv n.db "SELECT source FROM profile WHERE id = $i" | tail -1 | tr -d '\r')
	prof trace summary "$f" >a && prof trace summary n.db:$i >b && cmp a b && prof trace summary --json "$f" >a &&
		prof trace summary --json n.db:$i >b && cmp a b && echo "summary of $i"
	prof gc --json "$f" >a 2>/dev/null && prof gc --json n.db:$i >b && cmp a b && echo "gc of $i"
	prof top "$f" >a && prof top n.db:$i | cmp - a && echo "top of $i"
done
for i in 4 7 8 9; do
	f=$(prof sql --format=csv n.db "SELECT source FROM profile WHERE id = $i" | tail -1 | tr -d '\r')
	prof gc "$f" >a && prof gc n.db:$i >b && cmp a b && prof gc --json "$f" >a && prof gc --json n.db:$i >b && cmp a b && echo "gc of $i"
done
prof gc testdata/gcpace.gogc50.log testdata/gcpace.gogc100.log >a
prof gc n.db:7 n.db:8 >b; prof gc n.db:7,8 | cmp - b && echo "both"

# The rows.
prof sql n.db "SELECT profile, kind, format, damages FROM capture"
prof sql n.db "SELECT id, entry, creator, created_by, state, reason, died_ns IS NULL AS open FROM goroutines WHERE profile = 3"
prof sql n.db "SELECT type, parent, count(*) AS n FROM tasks WHERE profile = 1 GROUP BY 1, 2; SELECT type, count(*) AS n FROM regions
	WHERE profile = 1 GROUP BY 1; SELECT category, message, count(*) AS n FROM logs WHERE profile = 1 GROUP BY 1, 2"
prof sql n.db "SELECT profile, count(*) AS cycles, sum(forced) AS forced FROM (SELECT profile, reason = 'forced' AS forced FROM gc_cycles)
	GROUP BY profile; SELECT profile, count(*) AS pauses, max(duration_ns) AS longest FROM pauses WHERE reason LIKE 'GC%' GROUP BY profile"
prof sql n.db "SELECT profile, name, count(*) AS n, min(least) AS least, max(most) AS most FROM metrics GROUP BY 1, 2"

# Other profiles of a trace are other sample types of the same.
for k in sched block sync cpu; do
	prof top --profile=$k testdata/gc.trace 2>/dev/null | tail -n +4 >a; prof top --profile=$k n.db:2 2>/dev/null | tail -n +4 | cmp - a && echo "$k"
done
prof top --profile=sched --go-compatible n.db:2; echo "status $?"
prof top --profile=nosuch n.db:2; echo "status $?"
prof archive stats n.db | grep -c summaries
# Some of them, where not all are to be kept.
for k in sync,sched cpu running,net; do
	rm -f s.db; prof archive add -q --profile=$k s.db testdata/gc.trace; prof sql s.db "SELECT group_concat(type, ' ') AS types FROM totals"
	prof top s.db:1 | sed -n 's/^Type: //p'; prof trace summary s.db:1 | cmp - <(prof trace summary testdata/gc.trace) && echo summary
	for one in ${k//,/ }; do
		prof top --profile=$one testdata/gc.trace 2>/dev/null | tail -n +4 >a
		prof top --profile=$one s.db:1 2>/dev/null | tail -n +4 | cmp - a && echo "$one"
	done
	prof archive verify s.db
done
prof top --profile=sync s.db:1; echo "status $?"
prof archive add --profile=sched,stw t.db testdata/gc.trace; echo "status $?"
prof archive add --profile= t.db testdata/gc.trace; echo "status $?"

# Sums over all agree with what the summary says.
prof sql --format=csv n.db "SELECT sum(runnable_ns), sum(waiting_ns) FROM goroutine_groups WHERE profile = 2" | tail -1
prof trace summary --json n.db:2 | sed -n 's/^"goroutine_state_ns".*"Runnable": \([0-9]*\).*"Waiting": \([0-9]*\).*/\1,\2/p'
# A stack is a sample of the profile.
prof sql n.db "SELECT g.id, s.leaf FROM goroutines AS g JOIN prof_samples(3) AS s ON s.sample = g.stack AND s.type = 'blocked'
	WHERE g.profile = 3 ORDER BY 1 LIMIT 3"

# What it cannot tell without the file.
prof trace summary --from=1ms n.db:1; echo "status $?"
prof trace events n.db:1; echo "status $?"
prof trace summary n.db:4; echo "status $?"
prof trace summary n.db:1,2; echo "status $?"
prof gc testdata/contend.mutex.pb.gz; prof archive add -q n.db testdata/contend.mutex.pb.gz; prof gc n.db:type=mutex; echo "status $?"
prof archive export --raw n.db 1; echo "status $?"
# With it, all.
prof archive add -q --keep-raw r.db testdata/annotations.trace
prof trace summary --from=1ms r.db:1 | cmp - <(prof trace summary --from=1ms testdata/annotations.trace) && echo part
prof trace events r.db:1 | cmp - <(prof trace events testdata/annotations.trace) && echo events
prof archive export --raw -o a r.db 1 && cmp a testdata/annotations.trace && echo bytes

# The same again; the same in other bytes.
gzip -c testdata/gc.trace >gc.gz
prof archive add --label rev=ab12 n.db testdata/gc.trace gc.gz testdata/gcpace.limit.log
prof archive verify n.db
prof archive show n.db 1

# Rows go with their profile, and what they were named by; the rest is packed anew.
prof archive prune --keep=0d n.db 1,2,6; prof archive ls n.db
prof sql n.db "SELECT count(*) AS captures FROM capture; SELECT count(*) AS strays FROM goroutines WHERE profile IN (1, 2)"
prof archive verify n.db
prof sql n.db "SELECT g.id, s.leaf FROM goroutines AS g JOIN prof_samples(3) AS s ON s.sample = g.stack AND s.type = 'blocked'
	WHERE g.profile = 3 ORDER BY 1 LIMIT 3"
prof trace summary n.db:5 | cmp - <(prof trace summary testdata/piles.go1.22.trace.gz) && echo "summary of 5"

# No tables where there is nothing for them.
prof archive add -q p.db testdata/contend.mutex.pb.gz
prof sql p.db "SELECT name FROM sqlite_schema WHERE name IN ('capture', 'goroutine'); PRAGMA user_version"
prof archive add -q p.db testdata/gcpace.gogc50.log
prof sql p.db "SELECT name FROM sqlite_schema WHERE name IN ('capture', 'goroutine'); PRAGMA user_version"
# Cut off: with its damage, which all reports tell of.
head -c 40000 testdata/gc.trace >cut.trace
prof archive add -q c.db cut.trace; echo "status $?"
prof sql c.db "SELECT damages FROM capture"
for command in 'trace summary' top leak contention; do
	prof $command cut.trace >a 2>a.err; echo "status $?"; prof $command c.db:1 2>b.err | sed 's/c.db:1/cut.trace/' | cmp - a
	sed 's/c.db:1/cut.trace/; s/c.db:1/cut.trace/' b.err | cmp - a.err && echo "$command"
done
prof top c.db:1 --format=json >/dev/null 2>&1; echo "status $?"
# What needs the events has them where the file was kept.
prof archive add -q --keep-raw kept.db testdata/gc.trace testdata/annotations.trace
for command in 'trace events --format=wire' 'top --profile=sync --from=1ms' 'flame --format=folded --profile=sched --to=2ms'; do
	prof $command testdata/gc.trace >a && prof $command kept.db:source=gc.trace >b && grep -vx 'File: .*' a | cmp - <(grep -vx 'File: .*' b) && echo "same $command"
	prof $command kept.db:all; echo "status $?"
done
prof archive add -q not.db testdata/gc.trace
prof trace events --format=wire not.db:1; echo "status $?"
prof trace events --format=wire nosuch; echo "status $?"
