# Labels: sizes at the nodes; strings, and sizes below them.
prof graph -n 4 $TESTDATA/leaky.heap.t0.pb.gz
prof graph -n 6 --nodefraction=0 --unit=B --sample_index=alloc_space --focus='main' $TESTDATA/leaky.heap.t3.pb.gz
prof graph -n 3 $TESTDATA/leaky.goroutine.t3.pb.gz | grep box3d
wire profile '2{1[1 2] 2[64] 3{1:7 2:8} 3{1:9 3:16}}' '2{1[1 2] 2[32] 3{1:7 2:8} 3{1:9 3:4096}}' \
	'2{1[2] 2[16] 3{1:7 2:10} 3{1:11 2:8}}' '6"k"' '6"v"' '6"bytes"' '6"w"' '6"a"' >labels
prof graph labels
