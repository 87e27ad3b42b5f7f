# Shares, not values: a run that is the same but twice as long does not differ.
wire profile >old
wire '1{1:1 2:2}' '2{1[1 2] 2[70]}' '4{1:1 4{1:1}}' '4{1:2 4{1:2}}' '5{1:1 2:3}' '5{1:2 2:4}' \
	'6""' '6"cpu"' '6"nanoseconds"' '6"main.f"' '6"main.g"' >new
profdiff old new
profdiff --normalize -n -1 old new
profdiff --normalize -n 3 $TESTDATA/checkout.before.cpu.pb.gz $TESTDATA/checkout.after.cpu.pb.gz
