f=$TESTDATA/leaky.goroutine.t0.pb.gz
prof convert --to=folded $f
echo == by lines, only of main
prof convert --to=folded --lines $f | grep ^main
echo == heap
prof convert --to=folded --sample_index=inuse_space $TESTDATA/leaky.heap.t3.pb.gz
prof convert --to=folded -sample_index 0 $TESTDATA/leaky.heap.t3.pb.gz | head -n 3
prof convert --to=folded --sample_index=nope $TESTDATA/leaky.heap.t3.pb.gz; echo "$?"
echo == inlined
prof convert --to=folded --inline-marks $TESTDATA/nethttp.mem.pb.gz | grep -m 3 -F "_[i]" | cut -d" " -f1 | cut -c1-300
