a=$TESTDATA/checkout.before.allocs.pb.gz b=$TESTDATA/checkout.after.allocs.pb.gz
for type in alloc_objects alloc_space inuse_objects 1 0; do
	profdiff -n 2 --sample_index=$type $a $b | sed -n 1,3p
done
profdiff --sample_index=cpu $a $b; echo "$?"
profdiff --sample_index=9 $a $b; echo "$?"
