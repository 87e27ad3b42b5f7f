f=$TESTDATA/checkout.after.allocs.pb.gz
for args in --unit=auto --unit=kB --unit=MB --unit=gb --unit=s --divide_by=1000 --divide_by=0.5 --divide_by=1e12 '--mean --unit=B' '--mean --sample_index=0'; do
	echo "$args:"
	prof top -n 3 $args $f | tail -n +5
done
