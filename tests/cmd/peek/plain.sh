prof peek 'main.*get|reload' $TESTDATA/contend.mutex.pb.gz
prof peek 'after\.go:(39|40)$' --lines $TESTDATA/checkout.after.cpu.pb.gz
prof peek 'bytes\.growSlice' --sample_index=alloc_space --unit=MB --nodecount=1 --nodefraction=0.9 $TESTDATA/checkout.after.allocs.pb.gz
