f=$TESTDATA/leaky.heap.t3.pb.gz
prof traces --files --focus=leaky --tagfocus=bytes=:1kb --hide='^runtime' $f
prof traces --addresses --tagshow=tenant --show=main --tagfocus=tenant=t1 $TESTDATA/leaky.goroutine.t3.pb.gz
