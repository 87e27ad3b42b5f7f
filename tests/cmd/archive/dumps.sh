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
prof archive prune --keep=0d n.db 1,8; prof archive verify n.db
prof leak --json testdata/leaky.goroutine.t{1,2,3}.debug2.txt.gz >a; prof leak --json n.db:2,3,4 | cmp - a && echo JSON
# Of the collector, and what it is to a reader of goroutines.
prof archive add -q n.db testdata/gc.trace testdata/gc.trace.log; prof leak n.db:source=gc.trace; echo "status $?"
prof archive add -q --keep-raw r.db testdata/piles.go1.27.trace.gz; prof leak testdata/piles.go1.27.trace.gz >a; prof leak r.db:1 | cmp - a && echo trace
# Of a file with several dumps the last is kept, and the others are told of.
gzip -dc testdata/leaky.goroutine.t2.debug2.txt.gz testdata/leaky.goroutine.t3.debug2.txt.gz >two.txt
prof archive add m.db two.txt 2>&1; prof archive ls m.db --format=json | grep '"total"'
