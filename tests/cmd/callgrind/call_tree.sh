# Which of the functions of one name pprof calls [1/2] it leaves to chance.
f=$TESTDATA/leaky.heap.t0.pb.gz
prof callgrind --call_tree --sample_index=alloc_space $f
prof callgrind --call_tree --focus=main -n 3 $TESTDATA/contend.mutex.pb.gz
