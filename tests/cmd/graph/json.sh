prof graph --json -n 6 $TESTDATA/leaky.heap.t3.pb.gz
prof graph -o out.json -n 6 $TESTDATA/leaky.heap.t3.pb.gz && json schema sample_type unit total nodes.0.name nodes.0.tags.1.name edges.0 <out.json
prof graph --json --focus=nothing $TESTDATA/leaky.heap.t3.pb.gz
