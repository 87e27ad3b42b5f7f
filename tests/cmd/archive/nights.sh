# What has no time of its own is another capture where another time is told; what has one is not.
timeless='testdata/leaky.goroutine.t1.debug2.txt.gz testdata/gc.trace.log testdata/ring.heap.t0.debug1.txt.gz testdata/annotations.trace'
for day in 20 21 20; do prof archive add --time=2026-11-$day n.db $timeless testdata/leaky.goroutine.t1.pb.gz; done
prof archive add n.db $timeless
prof archive ls n.db
prof sql n.db 'SELECT profile, content, count(*) FROM digest GROUP BY 1, 2'
# In other bytes, and with the time in a path.
mkdir -p nights/2026-11-2{0,1,2}
for day in 20 21 22; do gzip -dc testdata/leaky.goroutine.t1.debug2.txt.gz >nights/2026-11-$day/dump.txt; done
for j in 1 4; do prof archive add -j $j --labels-from='/(?P<time>[-0-9]{10})/' n.db nights; done
prof archive ls n.db type=goroutine
# Once told no time, then one; the first is gone, the other stays known.
prof archive add t.db nights/2026-11-20; prof archive add --time=2026-11-20 t.db nights/2026-11-20
prof archive prune --keep=none t.db 1; prof archive verify t.db
prof archive add --time=2026-11-20 t.db nights; prof archive add t.db nights; prof archive ls t.db
prof archive prune --keep=none n.db 1; prof archive verify n.db
for day in 20 21; do prof archive add --time=2026-11-$day n.db $timeless; done; prof archive verify n.db
# A log that grows has more dumps each night: those that are there are known.
for day in 20 21 22; do
	cat nights/2026-11-2*/dump.txt >>log.txt; gzip -dc testdata/leaky.goroutine.t2.debug2.txt.gz >>log.txt
	prof archive add --time=2026-11-$day g.db log.txt
done
prof archive ls g.db
# A time in a path that is none.
prof archive add --labels-from='/(?P<time>dump)' n.db nights/2026-11-20; echo "status $?"
