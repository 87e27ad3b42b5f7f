f=$TESTDATA/contend.mutex.pb.gz
prof peek nothing $f; echo "$?"
prof peek --json nothing $f; echo "$?"
prof peek --focus=nothing . $f; echo "$?"
prof peek; echo "$?"
prof peek $f; echo "$?"
prof peek '(' $f; echo "$?"
prof peek 'a(?=b)' $f; echo "$?"
