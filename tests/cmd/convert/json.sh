prof convert --to=json $TESTDATA/leaky.goroutine.t3.pb.gz >doc
json -k '' samples.0 locations.0 locations.0.lines.0 functions.0 mappings.0 <doc
json schema sample_types.0 default_type period_type duration_ns mappings.0 samples samples.0 samples.3 <doc
prof convert --json $TESTDATA/leaky.goroutine.t3.pb.gz | cmp - doc
prof convert -o doc.json $TESTDATA/leaky.goroutine.t3.pb.gz && cmp doc.json doc
# Integers are exact.
wire profile '2{1[1] 2[9007199254740993]}' '4{1:9 3:18446744073709551614}' | prof convert --to=json - | tail -n 6
