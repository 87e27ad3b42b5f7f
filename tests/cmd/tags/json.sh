f=$TESTDATA/leaky.goroutine.t3.pb.gz
prof tags --json $f
prof tags --json $f >doc
json -k '' rows.0 <doc
json schema sample_type unit total rows rows.0.key rows.0.value rows.0.sum <doc
prof tags --json $TESTDATA/contend.mutex.pb.gz | json rows
prof tags --json --divide_by=10 --unit=kb --tagfocus=bytes=480b $TESTDATA/leaky.heap.t3.pb.gz
