f=testdata/leaky.goroutine.t
for by in line function creator label:tenant; do
	echo "== $by"
	prof leak --by=$by --every=1m $f[0-3].debug2.txt.gz
done
prof leak --by=label:tenant $f[0-3].pb.gz
