f=$TESTDATA/contend.mutex.pb.gz
prof traces --json $f; echo "$?"
prof traces -o got.json $f; echo "$?"
prof traces --focus=nothing $f; echo "$?"
