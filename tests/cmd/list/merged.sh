f=$TESTDATA/checkout.before.cpu.pb.gz
g=$TESTDATA/checkout.after.cpu.pb.gz
prof list --source_path=none 'main\.scoreItem' $f $g
prof list --source_path=none --base=$f 'main\.(scoreItem|normalize|validate.*)$' $g
prof list --source_path=none --diff_base=$f --drop_negative 'main\.normalize$' $g
prof -list --source_path=none 'main\.scoreItem' $f
