f=testdata/contend
for by in stack package lock; do
	echo "== $by"
	prof contention --by=$by --idle $f.block.t[01].pb.gz $f.mutex.t[01].pb.gz $f.goroutine.t1.debug2.txt
done
