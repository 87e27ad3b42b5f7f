a=$TESTDATA/checkout.before.cpu.pb.gz b=$TESTDATA/checkout.after.cpu.pb.gz
profdiff -n 5 --focus='main\.(scoreItem|normalize)' $a $b | tail -n 7
profdiff -n 5 --ignore='main\.validate' $a $b | tail -n 7
profdiff --focus=nothing.like.it $a $b | tail -n 3; echo "${PIPESTATUS[0]}"
profdiff -q --focus=nothing.like.it $a $b | tail -n 1
profdiff --focus='(?=x)' $a $b; echo "$?"
profdiff --focus='(' $a $b; echo "$?"
