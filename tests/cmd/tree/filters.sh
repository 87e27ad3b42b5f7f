f=$TESTDATA/checkout.after.cpu.pb.gz
prof tree --focus='main\.' --ignore=encodeReceipt --hide='^runtime\.' --show_from='main\.process' -n 6 $f
prof tree --lines --prune_from='main\.encode|runtime\.malloc' --cum -n 5 --relative_percentages $f
