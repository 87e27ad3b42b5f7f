f=$TESTDATA/contend.mutex.pb.gz
prof tree --json -n 4 $f
prof tree --json $f >doc
json -k '' rows.0 rows.0.callers.0 rows.2.callees.0 <doc
json schema sample_type unit total rows rows.0.name rows.0.callers rows.0.callees <doc
prof tree --json --focus=nothing -q $f | json rows
prof tree --json -n 2 --addresses --nodefraction=0 $f | json rows.0.name rows.0.callers.0.residual
