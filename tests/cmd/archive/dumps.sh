# Goroutine dumps go in with what their profiles do not have: prof leak tells the same from there.
prof archive add n.db testdata/leaky.goroutine.t?.debug2.txt.gz testdata/leaky.goroutine.t?.pb.gz testdata/shapes.go1.27.debug2.txt \
	testdata/shapes.go1.27.crash.txt
prof archive ls n.db
prof sql n.db "SELECT profile, kind, damages FROM capture"
prof leak testdata/leaky.goroutine.t?.debug2.txt.gz >a; prof leak n.db:1,2,3,4 | cmp - a && echo text
prof leak --json testdata/leaky.goroutine.t?.debug2.txt.gz >a; prof leak --json n.db:1 n.db:2 n.db:3,4 | cmp - a && echo JSON
prof leak testdata/leaky.goroutine.t?.pb.gz >a; prof leak n.db:5,6,7,8 | cmp - a && echo profiles
prof leak --json testdata/shapes.go1.27.debug2.txt >a; prof leak --json n.db:9 | cmp - a && echo shapes
prof leak --json testdata/shapes.go1.27.crash.txt >a; prof leak --json n.db:10 | cmp - a && echo crash
# Cut off: it goes in with its damage.
gzip -dc testdata/leaky.goroutine.t3.debug2.txt.gz | head -c 20000 >cut.txt
prof archive add n.db cut.txt; echo "status $?"
prof leak cut.txt >a 2>a.err; echo "status $?"; prof leak n.db:11 >b 2>b.err; echo "status $?"; cmp a b && cmp a.err b.err && echo cut
prof archive show n.db 11 | grep damages
# Packed anew, and still the same.
prof archive prune --keep=none n.db 1; prof archive verify n.db
prof leak --json testdata/leaky.goroutine.t{1,2,3}.debug2.txt.gz >a; prof leak --json n.db:2,3,4 | cmp - a && echo JSON
# Traces, with their bytes and without; a log of the collector has no goroutines.
prof archive add -q n.db testdata/piles.go1.27.trace.gz testdata/gc.trace.log; prof archive add -q --keep-raw r.db testdata/piles.go1.27.trace.gz
prof leak --json testdata/piles.go1.27.trace.gz >a
prof leak --json n.db:type=trace | cmp - a && prof leak --json r.db:1 | cmp - a && echo trace
prof leak n.db:source=gc.trace.log; echo "status $?"
# A file with several dumps is several entries; it is known again, and where it has grown what is new goes in.
gzip -dc testdata/leaky.goroutine.t{1,1,2}.debug2.txt.gz >three.txt
{ cat three.txt; gzip -dc testdata/leaky.goroutine.t3.debug2.txt.gz; } >four.txt
prof archive add m.db three.txt; prof archive add m.db three.txt
prof sql m.db 'SELECT p.id, c.format, p.source FROM capture AS c JOIN profile AS p ON p.id = c.profile'
prof leak --json three.txt >a; prof leak --json m.db:source=three.txt | sed 's/m.db:source=//' | cmp - a && echo three
prof archive add m.db four.txt; prof archive ls m.db
prof leak four.txt >a; prof leak m.db:1,2,3,4 | sed s/three/four/ | cmp - a && echo four
prof archive add --time=2026-11-21 m.db testdata/shapes.go1.27.debug2.txt; prof archive prune --keep=none m.db 1; prof archive verify m.db
prof archive add m.db three.txt four.txt
gzip -c three.txt | prof archive add m.db -
# Damage of one of them.
{ gzip -dc testdata/leaky.goroutine.t1.debug2.txt.gz | sed 3d; cat three.txt; } >damaged.txt
prof archive add d.db damaged.txt; echo "status $?"
prof sql d.db 'SELECT format, damages FROM capture'
prof leak damaged.txt >a 2>a.err; prof leak d.db:all >b 2>b.err; cmp a b && cmp a.err b.err && echo damaged
# In a log of the collector, by several threads at a time.
{ cat testdata/gcpace.gogc50.log three.txt; } >log.txt
prof archive add -q -j 4 g.db log.txt three.txt testdata/gcpace.gogc50.log testdata/leaky.goroutine.t?.debug2.txt.gz; prof archive ls g.db
prof gc log.txt >a; prof gc g.db:source=log.txt | cmp - a && echo gc
prof leak log.txt >a; prof leak g.db:source=log.txt | cmp - a && echo leak
