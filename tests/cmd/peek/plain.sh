prof peek 'main.*get|reload' $TESTDATA/contend.mutex.pb.gz
prof peek 'checkout\.go:1[0-9]$' --lines --focus=score $TESTDATA/checkout.after.cpu.pb.gz
prof peek 'mcall' --sample_index=alloc_space --unit=MB --nodecount=1 --nodefraction=0.9 $TESTDATA/checkout.after.allocs.pb.gz
