# The default type of each kind of profile, and its first by number.
for f in checkout.after.allocs leaky.heap.t3 leaky.goroutine.t3 contend.mutex contend.block nethttp.mem; do
	prof top -n 4 $TESTDATA/$f.pb.gz
	prof top -n 4 --sample_index=0 $TESTDATA/$f.pb.gz
done
