f=$TESTDATA/checkout.before.cpu.pb.gz
prof list 'no such' $f; echo "$?"
prof list 'main\.go' $f; echo "$?"
prof list '(?=x)' $f; echo "$?"
prof list $f; echo "$?"
prof list; echo "$?"
prof list . --focus='no such' $f; echo "$?"
