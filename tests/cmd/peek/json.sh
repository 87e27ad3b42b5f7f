prof peek --json Unlock $TESTDATA/contend.mutex.pb.gz >doc
cat doc
json -k '' rows.0 rows.0.callers.0 <doc
json schema rows <doc
