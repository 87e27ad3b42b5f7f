# Profiles of an archive are snapshots like files.
f=testdata/contend
prof archive add -q a.db $f.block.t[01].pb.gz $f.mutex.t[01].pb.gz
prof contention a.db:service=contend | head -8
prof contention a.db:1 --new a.db:2 | head -3
prof contention a.db:99
echo "status $?"
# Traces tell the same from there, but of a part of their time; so do dumps, with who holds what.
prof archive add -q w.db testdata/holds.go1.{19,27}.trace testdata/contend.goroutine.t1.debug2.txt testdata/piles.go1.27.trace.gz
i=0
for f in testdata/holds.go1.{19,27}.trace testdata/contend.goroutine.t1.debug2.txt testdata/piles.go1.27.trace.gz; do
	i=$((i + 1))
	for how in --json --md --by=stack '--idle --format=html'; do
		prof contention $how $f >a && prof contention $how w.db:$i | sed "s,w.db:$i,$f,g" | cmp - a && echo "$f $how"
	done
done
prof contention testdata/holds.go1.27.trace testdata/contend.goroutine.t1.debug2.txt >a 2>&1
prof contention w.db:2 w.db:3 2>&1 | sed 's,w.db:2,testdata/holds.go1.27.trace,;s,w.db:3,testdata/contend.goroutine.t1.debug2.txt,' | cmp - a && echo joined
prof contention --from=1ms w.db:2; echo "status $?"
prof archive add -q --keep-raw r.db testdata/holds.go1.27.trace
prof contention --from=1ms testdata/holds.go1.27.trace >a; prof contention --from=1ms r.db:1 | sed 's,r.db:1,testdata/holds.go1.27.trace,' | cmp - a && echo raw
