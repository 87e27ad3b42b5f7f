f=$TESTDATA/checkout.before.cpu.pb.gz
prof top; echo "$?"
prof top $f $f; echo "$?"
prof top --sample_index=nothing $f; echo "$?"
prof top --sample_index=7 $f; echo "$?"
