f=$TESTDATA/leaky.goroutine.t3.pb.gz
prof tags --tagshow=tenant --focus=leakSend $f
prof tags --tagfocus='t1,order' --taghide=endpoint $f
prof tags --tagignore=tenant=t1,t2 --relative_percentages $f
prof tags --tagfocus=bytes=1kb: --sample_index=alloc_space --unit=B $TESTDATA/leaky.heap.t3.pb.gz
prof tags --diff_base=$TESTDATA/leaky.goroutine.t0.pb.gz $f
